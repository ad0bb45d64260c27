/** What breaks first: the limit whose load is the largest share of it. */

/** Writes a number with about three digits, as the tables of the program do. */
function rounded(value) {
  const size = Math.abs(value);
  if (size < 1e-6) return '0';
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  if (size >= 10) return String(Math.round(value * 10) / 10);
  if (size >= 0.01) return String(Math.round(value * 100) / 100);
  return value.toExponential(1);
}

/** Returns the sum of coefficients for some amounts. */
function added(coefficients, amounts) {
  return coefficients.reduce((all, coefficient, index) => all + coefficient * amounts[index], 0);
}

/** Returns the words for what breaks first, in both languages. */
function breaksOf(table, way, state) {
  const idle = table.idle[state.proxy === 0 ? 0 : 1];
  const has = { workers: state.workers > 0, idle: idle !== null };
  const met = way.over[state.http].limits
    .filter(({ needs }) => needs === null || has[needs])
    .map(({ load, bound, words }) => ({
      load: added(load, [1, state.readers, state.tabs]),
      bound: added(bound, [1, state.files, state.workers, idle ?? 0]),
      words,
    }));
  const first = met.reduce((most, one) => (one.load / one.bound > most.load / most.bound ? one : most));
  const note = way.notes[state.proxy];
  return [0, 1].map((lang) => {
    const words = first.words[first.load > first.bound ? 1 : 0][lang]
      .replace('{load}', rounded(first.load))
      .replace('{bound}', rounded(first.bound));
    return note ? `${note[lang]}${lang ? '；' : '; '}${words}` : words;
  });
}
