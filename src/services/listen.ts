import type { Server } from "node:net";
import { systemCode, UserError } from "../core/errors.ts";
import { verbatim } from "../core/text.ts";

/**
 * Binds a server and gives its port (0 asks for any that is free). Throws a UserError that names the port when it is
 * taken or may not be bound.
 */
export async function listen(
  server: Server,
  target: { readonly host: string; readonly port: number; readonly service: string },
): Promise<number> {
  const { host, port, service } = target;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (error) {
    throw portError(error, `${host}:${port}`, service);
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server is bound to no port");
  return address.port;
}

/** Says in words why a port can't be bound; passes anything else on. */
export function portError(error: unknown, address: string, service: string): unknown {
  const code = systemCode(error);
  if (code !== "EADDRINUSE" && code !== "EACCES" && code !== "EADDRNOTAVAIL") return error;
  const port = address.slice(address.lastIndexOf(":") + 1);
  return new UserError({
    fault: "environment",
    code: code === "EADDRINUSE" ? "port-in-use" : "port-refused",
    what:
      code === "EADDRINUSE"
        ? {
            es: `Otro programa ya usa el puerto ${port}: ${service} no puede escuchar en él.`,
            en: `Another program already uses port ${port}: ${service} can't listen on it.`,
          }
        : {
            es: `El sistema no deja que ${service} escuche en ${address}.`,
            en: `The system does not let ${service} listen on ${address}.`,
          },
    where: address,
    next: [verbatim(`taller services --${service}-port 0`)],
    cause: error,
  });
}
