"""The peers, one class each: from a network's converted file and a batch to a call and its result.

`prepare(net, x)` returns two functions: one runs the network on x, from memory to memory, with as little of Python in
between as the engine's binding allows; the other returns the result of the last call. All compute in float32.
"""

import json
from concurrent import futures

import numpy


class Mnn:
    def __init__(self, folder, threads):
        import MNN

        self.mnn, self.folder, self.threads, self.version = MNN, folder, threads, MNN.version()

    def prepare(self, net, x):
        def tensor(values):
            return self.mnn.Tensor(
                values.shape, self.mnn.Halide_Type_Float, values, self.mnn.Tensor_DimensionType_Caffe
            )

        interpreter = self.mnn.Interpreter(str(self.folder / f"{net}.mnn"))
        session = interpreter.createSession({"backend": "CPU", "numThread": self.threads, "precision": "high"})
        x_inside = interpreter.getSessionInput(session)
        interpreter.resizeTensor(x_inside, x.shape)
        interpreter.resizeSession(session)
        y_inside = interpreter.getSessionOutput(session)
        x, y = tensor(x), tensor(numpy.empty(y_inside.getShape(), numpy.float32))

        def call():
            x_inside.copyFrom(x)
            interpreter.runSession(session)
            y_inside.copyToHostTensor(y)

        return call, y.getNumpyData


class OpenVino:
    def __init__(self, folder, threads):
        import openvino

        self.openvino, self.folder, self.version = openvino, folder, openvino.__version__.partition("-")[0]
        self.core = openvino.Core()
        self.config = {
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": "f32",  # where the processor has bfloat16, that is the default
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
        }

    def prepare(self, net, x):
        model = self.core.read_model(self.folder / f"{net}.onnx")
        model.reshape(list(x.shape))
        request = self.core.compile_model(model, "CPU", self.config).create_infer_request()
        request.set_input_tensor(self.openvino.Tensor(x, shared_memory=True))
        return lambda: request.infer(share_outputs=True), lambda: request.get_output_tensor().data


class OnnxRuntime:
    def __init__(self, folder, threads):
        import onnxruntime

        self.onnxruntime, self.folder, self.version = onnxruntime, folder, onnxruntime.__version__
        self.threads = threads

    def prepare(self, net, x):
        options = self.onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.add_free_dimension_override_by_name("batch", len(x))
        session = self.onnxruntime.InferenceSession(
            self.folder / f"{net}.onnx", options, providers=["CPUExecutionProvider"]
        )
        value = self.onnxruntime.OrtValue.ortvalue_from_numpy
        result = json.loads((self.folder / f"{net}.json").read_text())["result"]
        x, y = value(x), value(numpy.empty((len(x), *result), numpy.float32))
        binding = session.io_binding()
        binding.bind_ortvalue_input("x", x)
        binding.bind_ortvalue_output("y", y)
        return lambda: session.run_with_iobinding(binding), y.numpy


class Ncnn:
    """More threads share the batch, not each picture, which would gain less."""

    def __init__(self, folder, threads):
        import ncnn

        self.ncnn, self.folder, self.threads, self.version = ncnn, folder, threads, ncnn.__version__
        self.map = futures.ThreadPoolExecutor(threads).map if threads > 1 else map

    def prepare(self, net, x):
        network = self.ncnn.Net()
        network.opt.num_threads = 1
        network.opt.use_fp16_arithmetic = network.opt.use_fp16_packed = network.opt.use_fp16_storage = False
        network.load_param(str(self.folder / f"{net}.ncnn.param"))
        network.load_model(str(self.folder / f"{net}.ncnn.bin"))
        xs = [self.ncnn.Mat(part, batch_index=0).clone() for part in numpy.array_split(x, self.threads)]
        ys = [self.ncnn.Mat() for _ in xs]

        def run(x, y):
            extractor = network.create_extractor()
            extractor.input("in0", x)
            extractor.extract("out0", y)

        return lambda: list(self.map(run, xs, ys)), lambda: numpy.concatenate([y.numpy(batch_index=0) for y in ys])


class LiteRt:
    def __init__(self, folder, threads):
        import ai_edge_litert
        from ai_edge_litert.interpreter import Interpreter

        self.interpreter, self.folder, self.threads = Interpreter, folder, threads
        self.version = ai_edge_litert.__version__

    def prepare(self, net, x):
        interpreter = self.interpreter(str(self.folder / f"{net}.{len(x)}.tflite"), num_threads=self.threads)
        interpreter.allocate_tensors()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
        y = interpreter.get_output_details()[0]["index"]
        return interpreter.invoke, lambda: interpreter.get_tensor(y)


class PyTorch:
    def __init__(self, folder, threads):
        import torch

        self.torch, self.folder, self.version = torch, folder, torch.__version__
        torch.set_num_threads(threads)

    def prepare(self, name, x):
        import nets

        net = nets.make(name)
        x = self.torch.from_numpy(x)

        def call():
            with self.torch.inference_mode():
                self.y = net(x)

        return call, lambda: self.y.numpy()


ENGINES = {
    "MNN": Mnn,
    "OpenVINO": OpenVino,
    "ONNX Runtime": OnnxRuntime,
    "ncnn": Ncnn,
    "LiteRT": LiteRt,
    "PyTorch": PyTorch,
}
