/** What is above and below what the terminal has room for. */
export const viewTexts = {
  more: {
    es: (above: number, below: number) => `… ${lines(above, "línea")} arriba, ${below} abajo (flechas)`,
    en: (above: number, below: number) => `… ${lines(above, "line")} above, ${below} below (arrows)`,
  },
} as const;

function lines(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
