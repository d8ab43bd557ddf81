"""Write `src/generated/*.ts` from MLflow's own protocol descriptors.

Run with a Python that has the MLflow this client is made for:

    python generator/generate.py [--output FOLDER]

MLflow ships the compiled descriptors of its REST protocol inside the wheel. Each service method carries the extension
`databricks_pb2.rpc`, which holds the HTTP method, the path and the version of the API. What is written is a function of the
descriptors alone, so that a test can write it again and compare.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import mlflow
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from mlflow.protos import databricks_pb2, mlflow_artifacts_pb2, model_registry_pb2, service_pb2

# The parts of the protocol that a training pipeline speaks. Traces, prompts, gateways, workspaces and judges stay out.
INCLUDED_PATHS = re.compile(
    r"^/(mlflow/(experiments|runs|metrics|artifacts|logged-models|registered-models|model-versions)|mlflow-artifacts)(/|$)"
)

# Model stages are deprecated since MLflow 2.9: aliases and tags do their work.
EXCLUDED_METHODS = {"transitionModelVersionStage", "getLatestVersions"}

HEADER = f"""/* Written by generator/generate.py from the protocol descriptors of mlflow {mlflow.__version__}. Do not edit. */
"""

INT64_TYPES = {
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT64,
    FieldDescriptor.TYPE_SINT64,
    FieldDescriptor.TYPE_FIXED64,
    FieldDescriptor.TYPE_SFIXED64,
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_UINT32,
    FieldDescriptor.TYPE_SINT32,
    FieldDescriptor.TYPE_FIXED32,
    FieldDescriptor.TYPE_SFIXED32,
}


def type_name(descriptor: Descriptor | EnumDescriptor) -> str:
    """`mlflow.CreateRun.Response` becomes `CreateRunResponse`, `mlflow.artifacts.FileInfo` becomes `ArtifactsFileInfo`."""
    parts = descriptor.full_name.split(".")[1:]
    return "".join(part[0].upper() + part[1:] for part in parts)


def field_schema(field: FieldDescriptor) -> str:
    """The zod expression of one field, before it is made a list or optional."""
    if field.message_type is not None:
        if field.message_type.GetOptions().map_entry:
            value = field.message_type.fields_by_name["value"]
            return f"z.record(z.string(), {field_schema(value)})"
        return type_name(field.message_type)
    if field.enum_type is not None:
        return type_name(field.enum_type)
    if field.type in INT64_TYPES:
        return "integer"
    if field.type in (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT):
        return "double"
    if field.type == FieldDescriptor.TYPE_BOOL:
        return "z.boolean()"
    if field.type == FieldDescriptor.TYPE_STRING:
        return "z.string()"
    raise ValueError(f"{field.full_name}: field type {field.type} has no schema yet; add one here")


class Schemas:
    """Collects the schemas that the chosen methods reach, each after those it is made of."""

    def __init__(self) -> None:
        self.blocks: list[str] = []
        self._seen: set[str] = set()

    def _first_time(self, full_name: str) -> bool:
        if full_name in self._seen:
            return False
        self._seen.add(full_name)
        return True

    def add_enum(self, descriptor: EnumDescriptor) -> None:
        if not self._first_time(descriptor.full_name):
            return
        name = type_name(descriptor)
        values = ", ".join(f"'{value.name}'" for value in descriptor.values)
        self.blocks.append(
            f"/** `{descriptor.full_name}` */\n"
            f"export const {name} = z.enum([{values}]);\n"
            f"export type {name} = z.output<typeof {name}>;\n"
        )

    def add_message(self, descriptor: Descriptor) -> None:
        if not self._first_time(descriptor.full_name):
            return
        for field in descriptor.fields:
            if field.enum_type is not None:
                self.add_enum(field.enum_type)
            if field.message_type is None:
                continue
            if field.message_type.GetOptions().map_entry:
                value = field.message_type.fields_by_name["value"]
                if value.message_type is not None:
                    self.add_message(value.message_type)
            else:
                self.add_message(field.message_type)
        self.blocks.append(self._message_block(descriptor))

    @staticmethod
    def _message_block(descriptor: Descriptor) -> str:
        name = type_name(descriptor)
        lines = []
        for field in descriptor.fields:
            options = field.GetOptions()
            schema = field_schema(field)
            is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
            if field.is_repeated and not is_map:
                schema = f"z.array({schema})"
            if not options.Extensions[databricks_pb2.validate_required]:
                schema += ".optional()"
            lines.append(f"  {field.name}: {schema},")
        body = "z.object({})" if not lines else "z.object({\n" + "\n".join(lines) + "\n})"
        return (
            f"/** `{descriptor.full_name}` */\n"
            f"export const {name} = {body};\n"
            f"export type {name} = z.output<typeof {name}>;\n"
        )


def chosen_methods():
    """Every method of the three services that this client speaks: (name in TypeScript, descriptor, HTTP endpoint)."""
    for module in (service_pb2, model_registry_pb2, mlflow_artifacts_pb2):
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                # Where a method answers to several addresses the first one is enough.
                endpoints = method.GetOptions().Extensions[databricks_pb2.rpc].endpoints
                if not endpoints or method.name in EXCLUDED_METHODS:
                    continue
                endpoint = endpoints[0]
                path = "/" + endpoint.path.lstrip("/")
                if not INCLUDED_PATHS.match(path):
                    continue
                name = method.name[0].lower() + method.name[1:]
                if module is mlflow_artifacts_pb2:
                    name = "proxied" + name[0].upper() + name[1:]
                path = re.sub(r"<path:(\w+)>", r"{\1}", path)
                path = f"/api/{endpoint.since.major}.0{path}"
                yield name, method, endpoint.method, path


def render() -> dict[str, str]:
    """The generated files: name to content."""
    schemas = Schemas()
    rows = []
    for name, method, http_method, path in chosen_methods():
        schemas.add_message(method.input_type)
        schemas.add_message(method.output_type)
        rows.append(
            f"  {name}: {{\n"
            f"    name: '{name}',\n"
            f"    method: '{http_method}',\n"
            f"    path: '{path}',\n"
            f"    request: schemas.{type_name(method.input_type)},\n"
            f"    response: schemas.{type_name(method.output_type)},\n"
            f"  }},"
        )
    schema_file = (
        HEADER
        + "import { z } from 'zod';\nimport { double, integer } from '../wire/numbers';\n\n"
        + "\n".join(schemas.blocks)
    )
    endpoint_file = (
        HEADER
        + "import * as schemas from './schemas';\n\n"
        + "/** Every endpoint this client speaks: where it is, and the shape of what goes in and comes out. */\n"
        + "export const endpoints = {\n"
        + "\n".join(rows)
        + "\n} as const;\n\n"
        + f"/** The MLflow whose descriptors these are. */\nexport const mlflowVersion = '{mlflow.__version__}';\n"
    )
    return {"schemas.ts": schema_file, "endpoints.ts": endpoint_file}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent.parent / "src" / "generated")
    output: Path = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    for name, content in render().items():
        (output / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
