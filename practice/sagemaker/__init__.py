"""Amazon SageMaker AI: a file per resource, with its operations and its state machine."""
