#!/usr/bin/env bash
# Measures the speed of training on this machine's first GPU:
#
#     benchmarks/gpu.sh OUT [--trial]
#
# It needs `pip install -e '.[gpu,bench]'`, with a PyTorch that sees the GPU, and a prepared MNIST
# (`tfds build mnist`). It writes to the folder OUT
#
#     step_time_float32.json   the table of step_time.py, with all bits of float32
#     step_time_tf32.json      the same with TF32
#     gpu.json, gpu.md         `fit` under float32, TF32 and bfloat16, with and without XLA, and on
#                              one and two logical GPUs, whose weights are compared
#
# PYTHON and TORCH_PYTHON name other interpreters than `python`. With --trial the same scripts run
# through at a tiny size on the CPU, for a few minutes. The numbers of a trial mean nothing.
set -euo pipefail

if [ $# -lt 1 ] || [ $# -gt 2 ] || [[ $1 == -* ]] || [ "${2:---trial}" != --trial ]; then
    echo "Usage: benchmarks/gpu.sh OUT [--trial]" >&2
    exit 2
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
trial=${2:-}
cd "$(dirname "$0")/.."
python=${PYTHON:-python}
torch=${TORCH_PYTHON:-$python}
export PYTHONPATH=$PWD${PYTHONPATH:+:$PYTHONPATH}

table=(--rounds=9 --seconds=4 "--torch-python=$torch")
settings=(--rounds=9 --seconds=2)
if [ -n "$trial" ]; then
    export CUDA_VISIBLE_DEVICES=
    table=(--cases=mlp --data=digits --rounds=1 --seconds=0.1 --torch-python=)
    settings=(mlp --device=cpu --data=digits --rounds=1 --seconds=0.1)
elif ! "$python" -c 'import sys, tensorflow as tf; sys.exit(not tf.config.list_physical_devices("GPU"))'; then
    echo "TensorFlow must see a GPU. With --trial the scripts run through on the CPU." >&2
    exit 1
fi

echo "1/3: all configs with all bits of float32"
NVIDIA_TF32_OVERRIDE=0 "$python" benchmarks/step_time.py "${table[@]}" "--out=$out/step_time_float32.json"
# TensorFlow and cuDNN have TF32 on by themselves, PyTorch's products of matrices have not
echo "2/3: the same with TF32"
TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=1 "$python" benchmarks/step_time.py "${table[@]}" "--out=$out/step_time_tf32.json"
echo "3/3: precisions, XLA, two logical devices"
"$python" benchmarks/gpu_settings.py "${settings[@]}" "--out=$out"
echo "Done: $out"
