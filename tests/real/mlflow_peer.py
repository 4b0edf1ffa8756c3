"""MLflow's own Python client against a tracking server: python mlflow_peer.py URI. Prints one JSON object."""

import json
import math
import os
import sys
import tempfile
from pathlib import Path

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "1"

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.entities import Metric, Param, RunTag, ViewType  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402

uri = sys.argv[1]
suffix = os.urandom(4).hex()
mlflow.set_tracking_uri(uri)
client = MlflowClient()
experiment = mlflow.set_experiment(f"taller/python-{suffix}")


def refused(code, call):
    try:
        call()
    except MlflowException as error:
        assert error.error_code == code, (error.error_code, code, str(error))
        return
    raise AssertionError(f"not refused: {code}")


# A run as everyone writes it: params, metrics with steps, tags, files.
with mlflow.start_run(run_name="first", tags={"team": "a"}, description="words") as run:
    mlflow.log_params({"depth": 5, "rate": 0.1})
    for step in range(5):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metrics({"auc": 0.8, "nan": math.nan}, step=1)
    mlflow.set_tag("note", "hello ñ")
    mlflow.log_dict({"a": [1, 2]}, "data/config.json")
    mlflow.log_text("año", "notes/español.txt")
    with tempfile.TemporaryDirectory() as folder:
        big = Path(folder, "big file.bin")
        big.write_bytes(os.urandom(1 << 20) * 40)
        mlflow.log_artifact(str(big), "blobs")
        many = Path(folder, "many")
        many.mkdir()
        for index in range(3):
            Path(many, f"{index}.txt").write_text(str(index))
        mlflow.log_artifacts(str(many), "many")
        run_id = run.info.run_id
        downloaded = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="blobs/big file.bin")
        assert Path(downloaded).read_bytes() == big.read_bytes()
    refused("INVALID_PARAMETER_VALUE", lambda: client.log_param(run_id, "depth", 6))
    mlflow.log_param("depth", 5)

read = client.get_run(run_id)
assert read.info.status == "FINISHED" and read.info.end_time >= read.info.start_time
assert read.data.params == {"depth": "5", "rate": "0.1"}, read.data.params
assert read.data.metrics["loss"] == 0.2 and math.isnan(read.data.metrics["nan"])
assert read.data.tags["note"] == "hello ñ" and read.data.tags["mlflow.note.content"] == "words"
history = client.get_metric_history(run_id, "loss")
assert [(metric.step, metric.value) for metric in history] == [(step, 1 / (step + 1)) for step in range(5)]
assert {file.path for file in client.list_artifacts(run_id)} == {"blobs", "data", "many", "notes"}
assert [file.path for file in client.list_artifacts(run_id, "many")] == [f"many/{index}.txt" for index in range(3)]
assert mlflow.artifacts.load_dict(f"runs:/{run_id}/data/config.json") == {"a": [1, 2]}
assert mlflow.artifacts.load_text(f"runs:/{run_id}/notes/español.txt") == "año"
folder = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="many")
assert sorted(path.name for path in Path(folder).iterdir()) == ["0.txt", "1.txt", "2.txt"]

# Nested runs, a failed one, one by the client's own calls in a batch.
with mlflow.start_run(run_name="parent"):
    for auc in (0.7, 0.9):
        with mlflow.start_run(run_name=f"child {auc}", nested=True):
            mlflow.log_metric("auc", auc)
            mlflow.log_param("depth", 3)
try:
    with mlflow.start_run(run_name="broken"):
        raise ValueError("on purpose")
except ValueError:
    pass
low = client.create_run(experiment.experiment_id, run_name="low")
client.log_batch(
    low.info.run_id,
    metrics=[Metric("auc", index / 1000, 1, index) for index in range(900)],
    params=[Param(f"p{index}", str(index)) for index in range(90)],
    tags=[RunTag("batch", "yes")],
)
client.update_run(low.info.run_id, status="KILLED", name="lower")
client.set_terminated(low.info.run_id, "FAILED")

# Search, with order and pages; deleted and restored runs.
found = mlflow.search_runs(order_by=["metrics.auc DESC"], output_format="list")
names = [run.info.run_name for run in found]
assert names[:3] == ["child 0.9", "lower", "first"], names
assert {run.info.run_name: run.info.status for run in found}["broken"] == "FAILED"
frame = mlflow.search_runs(filter_string="metrics.auc > 0.75 AND params.depth = '5'")
assert list(frame["run_id"]) == [run_id] and frame.loc[0, "metrics.auc"] == 0.8
pages = []
token = None
while True:
    page = client.search_runs([experiment.experiment_id], max_results=2, page_token=token)
    pages.append(len(page))
    token = page.token
    if not token:
        break
assert pages == [2, 2, 2], pages
client.delete_run(low.info.run_id)
assert len(client.search_runs([experiment.experiment_id])) == 5
deleted = client.search_runs([experiment.experiment_id], run_view_type=ViewType.DELETED_ONLY)
assert [run.info.run_id for run in deleted] == [low.info.run_id]
client.restore_run(low.info.run_id)
refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_run("nobody"))

# Data sets.
import numpy as np  # noqa: E402

with mlflow.start_run(run_name="data") as data_run:
    mlflow.log_input(mlflow.data.from_numpy(np.arange(6).reshape(3, 2), name="six"), context="training")
inputs = client.get_run(data_run.info.run_id).inputs.dataset_inputs
assert inputs[0].dataset.name == "six" and inputs[0].tags[0].value == "training"
assert len(client.search_runs([experiment.experiment_id], "dataset.name = 'six'")) == 1

# Experiments.
assert client.get_experiment_by_name(experiment.name).experiment_id == experiment.experiment_id
client.set_experiment_tag(experiment.experiment_id, "k", "v")
listed = client.search_experiments(filter_string=f"name LIKE 'taller/python-{suffix}%'")
assert [one.tags["k"] for one in listed] == ["v"]
refused("RESOURCE_ALREADY_EXISTS", lambda: client.create_experiment(experiment.name))
other = client.create_experiment(f"taller/other-{suffix}", tags={"a": "b"})
client.rename_experiment(other, f"taller/renamed-{suffix}")
client.delete_experiment(other)
client.restore_experiment(other)


# A model: logged, registered, given an alias, loaded by it.
class Doubler(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input * 2


name = f"doubler-{suffix}"
with mlflow.start_run(run_name="model"):
    info = mlflow.pyfunc.log_model(
        name="model", python_model=Doubler(), registered_model_name=name, pip_requirements=["mlflow"]
    )
    mlflow.log_metric("score", 0.5, model_id=info.model_id)
client.set_registered_model_alias(name, "champion", "1")
by_alias = client.get_model_version_by_alias(name, "champion")
assert by_alias.version == "1" or by_alias.version == 1, by_alias
assert client.get_registered_model(name).aliases == {"champion": "1"}
loaded = mlflow.pyfunc.load_model(f"models:/{name}@champion")
assert list(loaded.predict(np.array([1, 2]))) == [2, 4]
logged = mlflow.get_logged_model(info.model_id)
assert logged.status == "READY", logged.status
assert [metric.value for metric in logged.metrics] == [0.5]
assert mlflow.search_logged_models(filter_string="name = 'model'", output_format="list")[0].model_id == info.model_id
second = mlflow.register_model(f"models:/{info.model_id}", name, tags={"from": "peer"})
assert int(second.version) == 2
client.set_model_version_tag(name, "2", "checked", "yes")
client.update_model_version(name, "2", description="the second")
versions = client.search_model_versions(f"name = '{name}'", order_by=["version_number ASC"])
assert [int(version.version) for version in versions] == [1, 2]
assert client.search_registered_models(f"name = '{name}'")[0].name == name
client.transition_model_version_stage(name, "2", "Staging")
client.delete_registered_model_alias(name, "champion")
refused("INVALID_PARAMETER_VALUE", lambda: client.get_model_version_by_alias(name, "champion"))
refused("RESOURCE_ALREADY_EXISTS", lambda: client.create_registered_model(name))
client.set_registered_model_alias(name, "challenger", "2")

print(
    json.dumps({
        "version": mlflow.__version__,
        "experiment": experiment.experiment_id,
        "run": run_id,
        "model": name,
    })
)
