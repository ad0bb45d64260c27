/** Processor time and memory, by the costs that a calibration of a machine found. */

/** Returns words in place of both figures. */
function onlyWords(words) {
  return { processors: { words }, memory: { words } };
}

/** Returns the load of a way for what the sliders say. */
function loadOf(table, way, state) {
  const [pieces, drafts, wakes, kib, kept, events] = way.loads.map((piece) => sum(table, piece, state) * state.readers);
  const after = table.constants.pauses.map((pause) => wakes / (1 + wakes * pause));
  return {
    pieces,
    drafts,
    dimensions: [state.readers, state.rooms, pieces, drafts, kib],
    work: [1, pieces, drafts, kib, ...after],
    memory: [1, state.readers, state.rooms],
    logs: added(table.constants.logs, [kept, events]),
  };
}

/** Returns the run of a calibration whose load is nearest to this one. */
function nearestTo(cells, dimensions) {
  const distance = (cell) => cell.dimensions.reduce(
    (all, value, index) => all + Math.abs(Math.log((value + 1) / (dimensions[index] + 1))), 0);
  return cells.reduce((best, cell) => (distance(cell) < distance(best) ? cell : best));
}

/** Returns the processor time of a load. */
function processorsOf({ constants }, basis, load) {
  const [pieces, drafts] = basis.least;
  if (load.pieces * constants.below < pieces || load.drafts * constants.below < drafts) {
    const larger = basis.cells.filter((cell) => load.work.every((wanted, index) => wanted <= cell.work[index] * constants.rounding));
    if (!larger.length) return { words: constants.too_few };
    return { words: larger.reduce((least, cell) => (cell.processors < least.processors ? cell : least)).less };
  }
  if (!basis.processors) return { words: constants.too_like };
  return { value: added(basis.processors.each, load.work), within: basis.processors.within };
}

/** Returns the memory of the whole server under a load, in bytes. */
function memoryOf({ constants }, basis, load) {
  if (!basis.memory) return { words: constants.too_like };
  const rest = added(basis.memory.each.slice(0, load.memory.length), load.memory);
  const value = rest + load.logs;
  const ofParts = (basis.memory.within * rest + constants.logs_within * load.logs) / value;
  return { value, within: Math.max(ofParts, constants.memory_within) };
}

/** Returns processor time and memory of a way: numbers with intervals, or words in both languages. */
function workOf(table, way, state) {
  if (way.loads.includes(null)) return onlyWords(table.constants.no_requests);
  const known = way.over[state.http].work[state.tls];
  const basis = known.length > 1 ? known[state.at.headers] : known[0];
  if (basis.why) return onlyWords(basis.why);
  const load = loadOf(table, way, state);
  const isBeyond = load.dimensions.some((value, index) => value > basis.most[index] * table.constants.rounding);
  if (isBeyond) return onlyWords(nearestTo(basis.cells, load.dimensions).nearest);
  return { processors: processorsOf(table, basis, load), memory: memoryOf(table, basis, load) };
}
