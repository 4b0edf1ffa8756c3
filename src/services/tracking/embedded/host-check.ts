import type { IncomingHttpHeaders } from "node:http";

/**
 * Why a request is refused before it is read, as MLflow's server refuses it (`mlflow/server/security_utils.py`): a page
 * that has its own name resolve to 127.0.0.1 sends that name as the Host (DNS rebinding), and one that posts here
 * directly sends its Origin. Health and version are open to all.
 */
export function refusedHost(input: {
  readonly method: string;
  readonly pathname: string;
  readonly headers: IncomingHttpHeaders;
}): string | undefined {
  const { method, pathname, headers } = input;
  if (pathname === "/health" || pathname === "/version") return undefined;
  if (!isLoopback(hostOf(headers.host)))
    return "Invalid Host header - possible DNS rebinding attack detected";
  const { origin } = headers;
  const isChange = method !== "GET" && method !== "HEAD" && method !== "OPTIONS";
  if (origin !== undefined && isChange && !isLoopback(originHost(origin)))
    return "Cross-origin request blocked";
  return undefined;
}

function hostOf(header: string | undefined): string | undefined {
  return /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(header ?? "")?.[1];
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).hostname : undefined;
}

function isLoopback(host: string | undefined): boolean {
  if (host === undefined) return false;
  return (
    host.toLowerCase() === "localhost" || host === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
  );
}
