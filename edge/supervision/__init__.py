"""What keeps a run going: a worker process that is started again, and a source that is opened again."""
