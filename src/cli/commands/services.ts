import { once } from "node:events";
import { UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";
import { nearest } from "../../course/ids.ts";
import { makeWorkspace } from "../../course/workspace.ts";
import { openServices } from "../../services/set/open-services.ts";
import { SELECTING_VARIABLE } from "../../services/set/real.ts";
import {
  SERVICE_TITLES,
  SERVICES,
  type ServiceAddresses,
  type ServiceName,
  shownAddress,
} from "../../services/set/service.ts";
import { serviceState } from "../../services/set/state.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { serviceTexts } from "../texts/services.ts";
import { integerOption, textOption } from "./options.ts";

/** `taller services`: runs the set in the foreground, until Ctrl-C. `taller services status`: what is running. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const [action, ...rest] = input.args;
  const names = chosen(textOption(input, "only"));
  if (action === undefined) return serve(context, input, names);
  if (action === "status" && rest.length === 0) return status(context, names);
  throw unknownAction(action);
}

async function serve(
  context: CliContext,
  input: CommandInput,
  names: readonly ServiceName[],
): Promise<number> {
  const { lang } = context;
  const workspace = await context.workspaceFolder();
  await makeWorkspace(workspace);
  context.busy(serviceTexts.starting);
  const services = await openServices({
    workspace,
    names,
    env: context.env,
    ports: portsOf(input),
    signal: context.signal,
    emit: context.emit,
  });
  try {
    context.idle();
    if (context.isJson) context.result(variablesOf(services.addresses));
    const { colors } = context.screen.look();
    for (const name of names) {
      const where = shownAddress(name, services.addresses[name]);
      const origin = serviceTexts.origins[services.origins[name]][lang];
      context.print(`\n ${colors.bold(SERVICE_TITLES[name])}  ${where}  ${colors.dim(origin)}`);
      for (const line of clientLines(name, services.addresses)) context.print(`   ${line}`);
    }
    context.print(`\n ${serviceTexts.untilCtrlC[lang]}`);
    await untilAborted(context.signal);
    return 0;
  } finally {
    services.close();
  }
}

async function status(context: CliContext, names: readonly ServiceName[]): Promise<number> {
  const { lang } = context;
  const workspace = await context.workspaceFolder();
  const found = await Promise.all(names.map((name) => serviceState(name, workspace, context.env)));
  if (context.isJson) context.result({ services: found });
  const width = Math.max(...names.map((name) => SERVICE_TITLES[name].length));
  for (const one of found) {
    const facts = [
      serviceTexts.states[one.state][lang],
      one.address,
      one.version,
      one.pid === undefined ? undefined : `pid ${one.pid}`,
      one.problem,
    ].filter((fact) => fact !== undefined);
    context.print(` ${SERVICE_TITLES[one.service].padEnd(width)}  ${facts.join(" · ")}`);
    if (one.state === "unreachable")
      context.print(`   ${serviceTexts.useIncluded[lang](SELECTING_VARIABLE[one.service])}`);
  }
  return found.some((one) => one.state === "unreachable") ? 3 : 0;
}

/** Under the names that clients expect. */
function variablesOf(addresses: Partial<ServiceAddresses>): Record<string, string> {
  const { kafka, s3, postgres, tracking } = addresses;
  return {
    ...(kafka && { TALLER_KAFKA_BROKERS: kafka.brokers.join(",") }),
    ...(s3 && {
      TALLER_S3_ENDPOINT: s3.endpoint,
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    }),
    ...(postgres && { DATABASE_URL: postgres.url }),
    ...(tracking && { MLFLOW_TRACKING_URI: tracking.uri }),
  };
}

/** Lines that can be pasted into another terminal as they are. */
function clientLines(name: ServiceName, addresses: Partial<ServiceAddresses>): string[] {
  const { kafka, s3, postgres, tracking } = addresses;
  if (name === "kafka" && kafka !== undefined) {
    const brokers = kafka.brokers.join(",");
    return [
      `export TALLER_KAFKA_BROKERS=${brokers}`,
      `kcat -b ${brokers} -L`,
      `python -c "from confluent_kafka.admin import AdminClient as A; print(A({'bootstrap.servers': '${brokers}'}).list_topics(timeout=5).topics)"`,
    ];
  }
  if (name === "s3" && s3 !== undefined)
    return [
      `export AWS_ACCESS_KEY_ID=${s3.accessKeyId} AWS_SECRET_ACCESS_KEY=${s3.secretAccessKey} AWS_REGION=${s3.region}`,
      `aws --endpoint-url ${s3.endpoint} s3 mb s3://taller-demo`,
    ];
  if (name === "postgres" && postgres !== undefined)
    return [`psql ${postgres.url}`, `python -c "import psycopg; print(psycopg.connect('${postgres.url}'))"`];
  if (name === "tracking" && tracking !== undefined)
    return [
      `export MLFLOW_TRACKING_URI=${tracking.uri}`,
      'python -c "import mlflow; print(mlflow.search_experiments())"',
    ];
  return [];
}

function chosen(only: string | undefined): readonly ServiceName[] {
  if (only === undefined) return SERVICES;
  const asked = only
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  return asked.map((one) => {
    const known = SERVICES.find((name) => name === one || SERVICE_TITLES[name].toLowerCase() === one);
    if (known === undefined) throw unknownService(one);
    return known;
  });
}

function portsOf(input: CommandInput): Partial<Record<ServiceName, number>> {
  const ports: Partial<Record<ServiceName, number>> = {};
  for (const name of SERVICES) {
    const flag = textOption(input, `${name}Port`);
    if (flag === undefined) continue;
    const options = { ...input, options: { ...input.options, [`${name}-port`]: flag } };
    const port = integerOption(options, `${name}-port`, { min: 0 });
    if (port !== undefined) ports[name] = port;
  }
  return ports;
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  // A signal's listener alone does not keep the process running.
  const stayAlive = setInterval(() => {}, 60_000);
  try {
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    clearInterval(stayAlive);
  }
}

function unknownService(name: string): UserError {
  const near = nearest(name, SERVICES);
  return new UserError({
    fault: "usage",
    code: "unknown-service",
    what: { es: `No hay ningún servicio «${name}».`, en: `There is no service "${name}".` },
    next: [
      ...(near === undefined ? [] : [{ es: `¿Querías decir «${near}»?`, en: `Did you mean "${near}"?` }]),
      verbatim(`taller services --only ${SERVICES.join(",")}`),
    ],
  });
}

function unknownAction(action: string): UserError {
  return new UserError({
    fault: "usage",
    code: "unknown-action",
    what: {
      es: `«taller services» no tiene «${action}».`,
      en: `"taller services" has no "${action}".`,
    },
    next: [verbatim("taller services"), verbatim("taller services status")],
  });
}
