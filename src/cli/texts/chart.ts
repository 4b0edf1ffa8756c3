interface LineFacts {
  readonly first: PointText;
  readonly last: PointText;
  readonly highest: PointText;
  readonly lowest: PointText;
}

interface PointText {
  readonly x: string;
  readonly y: string;
}

interface ScatterFacts {
  readonly count: string;
  readonly x: readonly [string, string];
  readonly y: readonly [string, string];
  readonly xLabel: string;
  readonly yLabel: string;
}

interface BarFacts {
  readonly count: number;
  readonly most: string;
  readonly least: string;
}

interface BinText {
  readonly from: string;
  readonly to: string;
}

interface HistogramFacts {
  readonly total: string;
  readonly peak: BinText;
  readonly share: string;
  readonly middle: BinText;
}

/** Charts in words. */
export const chartTexts = {
  noData: { es: "Sin datos que dibujar.", en: "No data to draw." },
  oneBar: {
    es: (bar: string) => `Un solo valor: ${bar}.`,
    en: (bar: string) => `One value: ${bar}.`,
  },
  bars: {
    es: (bars: BarFacts) => `${bars.count} valores: el mayor, ${bars.most}; el menor, ${bars.least}.`,
    en: (bars: BarFacts) => `${bars.count} values: the largest, ${bars.most}; the smallest, ${bars.least}.`,
  },
  histogram: {
    es: (bins: HistogramFacts) =>
      `${bins.total} valores: el tramo más lleno va de ${bins.peak.from} a ${bins.peak.to} (${bins.share} %); la mediana cae entre ${bins.middle.from} y ${bins.middle.to}.`,
    en: (bins: HistogramFacts) =>
      `${bins.total} values: the fullest bin is ${bins.peak.from} to ${bins.peak.to} (${bins.share}%); the median lies between ${bins.middle.from} and ${bins.middle.to}.`,
  },
  line: {
    es: (line: LineFacts) =>
      `de ${line.first.y} (en ${line.first.x}) a ${line.last.y} (en ${line.last.x}); máximo ${line.highest.y} en ${line.highest.x}, mínimo ${line.lowest.y} en ${line.lowest.x}.`,
    en: (line: LineFacts) =>
      `from ${line.first.y} (at ${line.first.x}) to ${line.last.y} (at ${line.last.x}); highest ${line.highest.y} at ${line.highest.x}, lowest ${line.lowest.y} at ${line.lowest.x}.`,
  },
  scatter: {
    es: (points: ScatterFacts) =>
      `${points.count} puntos: ${points.xLabel} de ${points.x[0]} a ${points.x[1]}; ${points.yLabel} de ${points.y[0]} a ${points.y[1]}.`,
    en: (points: ScatterFacts) =>
      `${points.count} points: ${points.xLabel} from ${points.x[0]} to ${points.x[1]}; ${points.yLabel} from ${points.y[0]} to ${points.y[1]}.`,
  },
} as const;
