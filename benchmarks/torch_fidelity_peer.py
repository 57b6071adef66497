"""Loads a graph as torch-fidelity does, and measures it; `torch_fidelity_graph.py` starts it."""

import importlib.metadata
import json
import pathlib
import sys

import numpy as np
import torch
import torch_fidelity
from torch_fidelity import feature_extractor_base, generative_model_onnx, noise

FEATURES = 64


class Projections(feature_extractor_base.FeatureExtractorBase):
    """Random projections of the pixels, which must come as the package's own networks want them."""

    def __init__(self, name, features_list, **options):
        super().__init__(name, features_list)

    @staticmethod
    def get_provided_features_list():
        return (str(FEATURES),)

    @staticmethod
    def get_default_feature_layer_for_metric(metric):
        return str(FEATURES)

    @staticmethod
    def can_be_compiled():
        return False

    def forward(self, x):
        if x.dtype != torch.uint8 or x.dim() != 4 or x.shape[1] != 3:
            raise ValueError(f"Images must be uint8 [B, 3, H, W]. Received: {x.dtype} {x.shape}")
        flat = x.reshape(len(x), -1).float() / 255.0
        generator = torch.Generator().manual_seed(0)
        directions = torch.randn(flat.shape[1], FEATURES, generator=generator)
        return (flat @ directions / flat.shape[1] ** 0.5,)


def main(path: str) -> None:
    task = json.loads(pathlib.Path(path).read_text())
    model = generative_model_onnx.GenerativeModelONNX(
        task["graph"], task["z_size"], task["z_type"], 0
    )
    draw = {"normal": noise.random_normal, "uniform_0_1": noise.random_uniform_0_1}[task["z_type"]]
    x = model(draw(np.random.RandomState(0), (64, task["z_size"])))
    answer = {"dtype": str(x.dtype), "shape": list(x.shape), "range": [int(x.min()), int(x.max())]}
    torch_fidelity.register_feature_extractor("projections", Projections)
    for name, folder in task["folders"].items():
        metrics = torch_fidelity.calculate_metrics(
            input1=task["graph"],
            input1_model_z_type=task["z_type"],
            input1_model_z_size=task["z_size"],
            input1_model_num_classes=0,
            input1_model_num_samples=task["count"],
            input2=folder,
            feature_extractor="projections",
            fid=True,
            cuda=False,
            cache=False,
            verbose=False,
            save_cpu_ram=True,
        )
        answer[name] = metrics["frechet_inception_distance"]
    packages = ("torch-fidelity", "torch", "onnxruntime", "numpy")
    answer["versions"] = {package: importlib.metadata.version(package) for package in packages}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1])
