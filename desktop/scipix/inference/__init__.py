"""The only place for onnxruntime: devices, provider choice, sessions, decoding, latency, model manifest and store."""
