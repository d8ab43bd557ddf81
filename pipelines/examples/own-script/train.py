"""An existing script: its own arguments, its own loop. `millrace_trainer.job` gives it rows and takes its model."""

import argparse

from millrace_trainer import job

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=20)
arguments = parser.parse_args()

# Before anything that computes: it also keeps numeric libraries to the threads of the job.
task = job.load()

from network import Network  # noqa: E402

network = Network(hidden=int(task.params["hidden"]), seed=task.seed)
matrix = network.start(task.train)
for epoch in range(1, arguments.epochs + 1):
    loss = network.train_one_pass(matrix, task.labels)
    job.progress(epoch, epoch / arguments.epochs, train_loss=loss)
job.finish(estimator=network, metrics={"train_loss": loss})
