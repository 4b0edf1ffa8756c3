import { CancelledError } from "../../core/errors.ts";
import type { Text } from "../../core/text.ts";
import { promptTexts } from "../texts/prompts.ts";
import type { Screen } from "./terminal.ts";

/**
 * Questions, by inquirer's prompts. Asked only when both ends are a terminal: otherwise each gives undefined at
 * once, so that nothing ever waits for a key. Ctrl-C throws CancelledError.
 */
export async function confirm(
  screen: Screen,
  question: { readonly message: Text; readonly default: boolean },
): Promise<boolean | undefined> {
  if (!screen.isInteractive) return undefined;
  const { confirm: ask } = await import("@inquirer/prompts");
  const { lang } = screen;
  return asked(
    ask(
      {
        message: question.message[lang],
        default: question.default,
        theme: {
          keywords: {
            yes: promptTexts.yes[lang],
            no: promptTexts.no[lang],
            error: () => promptTexts.yesOrNo[lang],
          },
        },
      },
      contextOf(screen),
    ),
  );
}

/** A line of text. */
export async function askText(
  screen: Screen,
  question: { readonly message: Text; readonly default?: string },
): Promise<string | undefined> {
  if (!screen.isInteractive) return undefined;
  const { input } = await import("@inquirer/prompts");
  return asked(
    input(
      {
        message: question.message[screen.lang],
        ...(question.default === undefined ? {} : { default: question.default }),
      },
      contextOf(screen),
    ),
  );
}

/** One of several. */
export async function choose<T>(
  screen: Screen,
  question: {
    readonly message: Text;
    readonly choices: readonly { readonly value: T; readonly name: string; readonly description?: string }[];
  },
): Promise<T | undefined> {
  if (!screen.isInteractive) return undefined;
  const { select } =
    screen.lang === "es" ? await import("@inquirer/i18n/es") : await import("@inquirer/prompts");
  return asked(
    select(
      { message: question.message[screen.lang], choices: [...question.choices], pageSize: 12 },
      contextOf(screen),
    ),
  );
}

function contextOf(screen: Screen): { input: NodeJS.ReadableStream; output: NodeJS.WritableStream } {
  return { input: screen.streams.stdin, output: screen.streams.stdout };
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === "ExitPromptError")
      throw new CancelledError({ cause: error });
    throw error;
  }
}
