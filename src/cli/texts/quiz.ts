/** Words of a quiz. */
export const quizTexts = {
  heading: {
    single: { es: "Pregunta", en: "Question" },
    multiple: { es: "Pregunta (puede haber varias)", en: "Question (several may be right)" },
    predict: {
      es: "Antes de ejecutar: ¿qué crees que pasa?",
      en: "Before it runs: what do you think happens?",
    },
    number: { es: "Pregunta (un número)", en: "Question (a number)" },
    order: { es: "Pregunta (pon en orden)", en: "Question (put in order)" },
  },
  right: { es: "Bien.", en: "Right." },
  wrong: { es: "No.", en: "No." },
  guess: { es: "Tu apuesta:", en: "Your guess:" },
  yourAnswer: { es: "Tu respuesta:", en: "Your answer:" },
  answer: { es: "respuesta:", en: "answer:" },
  isRight: { es: "correcta", en: "right" },
  missing: {
    es: (count: number) => (count === 1 ? "Falta una." : `Faltan ${count}.`),
    en: (count: number) => (count === 1 ? "One is missing." : `${count} are missing.`),
  },
  firstWrong: {
    es: (place: number) => `El lugar ${place} no es el suyo.`,
    en: (place: number) => `Place ${place} is not right yet.`,
  },
  noChoice: {
    es: (count: number) => `Elige del 1 al ${count}, o n para seguir sin responder.`,
    en: (count: number) => `Choose 1 to ${count}, or n to go on without an answer.`,
  },
  notANumber: { es: "Escribe un número: 1200, 1.200 o 0,5.", en: "Type a number: 1200, 1,200 or 0.5." },
  notAnOrder: {
    es: (count: number) => `Escribe los ${count} números en orden: ${example(count)}`,
    en: (count: number) => `Type the ${count} numbers in order: ${example(count)}`,
  },
} as const;

/** An order that is seldom the right one: the last first. */
function example(count: number): string {
  return Array.from({ length: count }, (_, index) => count - index).join(" ");
}
