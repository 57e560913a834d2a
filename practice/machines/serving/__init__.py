"""The server that answers for a model inside an endpoint variant's cell. Runs on the environment's own Python.

Behaves as the SageMaker inference toolkit does (github.com/aws/sagemaker-inference-toolkit): `model_fn`, `input_fn`,
`predict_fn`, `output_fn` or `transform_fn` of the user's script, the framework's defaults for what it leaves out.
Imports nothing but the standard library and, when first needed, numpy and the framework.
"""
