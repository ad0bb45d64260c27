/**
 * The arithmetic of the page. The table has coefficients of what is in proportion to readers, rooms,
 * header bytes, reconnects and what TLS adds, at each stop of the other sliders; here they are added up.
 */

/** The sliders with stops, in the order of the table's places. */
const STOPS = ['rate', 'payload', 'trip'];

/** Returns the terms that coefficients stand for, in the order of the table. */
function termsOf(table, { readers, rooms, headers, reconnects, tls }) {
  const share = rooms / readers;
  const { record } = table.tls[tls];
  const sealed = record === null ? 0 : 1;
  const added = record ?? 0;
  return [
    1, headers, share, headers * share, reconnects, reconnects * headers,
    sealed, sealed * share, sealed * reconnects, added, added * share,
  ];
}

/** Returns the sum of a piece's coefficients for what the sliders say; null where it is not known. */
function sum(table, index, state) {
  const piece = table.pieces[index];
  let place = 0;
  STOPS.forEach((key, slider) => {
    if (piece.by[slider]) place = place * table.stops[key].length + state.at[key];
  });
  const terms = termsOf(table, state);
  const first = place * piece.terms.length;
  if (piece.at[first] === null) return null;
  return piece.terms.reduce((all, term, column) => all + piece.at[first + column] * terms[term], 0);
}

/** Returns a figure of a way; null where no formula knows it. */
function figureOf(table, over, index, state) {
  const piece = over.figures[index];
  if (piece === null) return null;
  const each = sum(table, piece, state);
  return each !== null && table.figures[index].whole ? each * state.readers : each;
}

/** Returns the bill of a way by a plan; null where the plan is not for it. */
function billOf(table, over, index, state) {
  const parts = over.bills[index];
  if (!parts) return null;
  const amounts = parts.map((part) => sum(table, part.amount, state));
  if (amounts.includes(null)) return null;
  const charged = parts.map((part, place) => Math.max(0, amounts[place] * state.readers - part.included) * part.each);
  return charged.reduce((all, one) => all + one, table.plans[index].base);
}

/** Returns all of all ways: figures, then processor time and memory, what breaks first, and bills. */
function reckon(table, state) {
  return table.ways.map((way) => {
    const over = way.over[state.http];
    return {
      figures: table.figures.map((_, index) => figureOf(table, over, index, state)),
      ...workOf(table, way, state),
      breaks: breaksOf(table, way, state),
      bills: table.plans.map((_, index) => billOf(table, over, index, state)),
    };
  });
}
