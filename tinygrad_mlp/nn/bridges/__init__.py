"""Roads to the rest of the ecosystem: to scikit-learn, PyTorch, safetensors and ONNX."""
