/**
 * The arithmetic of the page. The table has coefficients of what is in proportion to readers, rooms
 * and header bytes, at each stop of the other sliders; here they are added up.
 */

/** The sliders with stops, in the order of the table's places. */
const STOPS = ['rate', 'payload', 'trip'];

/** Returns the sum of a piece's coefficients for what the sliders say. */
function sum(table, piece, state) {
  let place = 0;
  STOPS.forEach((key, slider) => {
    if (piece.by[slider]) place = place * table.stops[key].length + state.at[key];
  });
  const share = state.rooms / state.readers;
  const terms = [1, state.headers, share, state.headers * share];
  let all = 0;
  for (let term = 0; term < piece.wide; term += 1) all += piece.at[place * piece.wide + term] * terms[term];
  return all;
}

/** Returns a figure of a way; null where no formula knows it. */
function figureOf(table, way, index, state) {
  const piece = way.figures[index];
  if (!piece) return null;
  const each = sum(table, piece, state);
  return table.figures[index].whole ? each * state.readers : each;
}

/** Returns the bill of a way by a plan; null where the plan is not for it. */
function billOf(table, way, index, state) {
  const parts = way.bills[index];
  if (!parts) return null;
  const charged = parts.map((part) => Math.max(0, sum(table, part.amount, state) * state.readers - part.included) * part.each);
  return charged.reduce((all, one) => all + one, table.plans[index].base);
}

/** Returns all figures of all ways, then all bills. */
function reckon(table, state) {
  return table.ways.map((way) => ({
    figures: table.figures.map((_, index) => figureOf(table, way, index, state)),
    bills: table.plans.map((_, index) => billOf(table, way, index, state)),
  }));
}
