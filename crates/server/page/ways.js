/**
 * The ways to read a room, in the order in which the comparison is told.
 */

/**
 * Every way. The server writes its own list in here (crates/wire/src/way.rs).
 * @type {{name: string, key: string, transport: string, path: string, title: string,
 *   label: [string, string], about: [string, string],
 *   exchange: 'immediate'|'held'|'open', carriesDrafts: boolean}[]}
 */
export const WAYS = [];

/** The way of this name; undefined if there is none. */
export const wayNamed = (name) => WAYS.find((way) => way.name === name);

/** The way of somebody in a room: streams are told apart by their framing. */
export const wayOf = ({ transport, framing }) =>
  WAYS.find((way) => way.transport === transport && (!framing || way.key === framing));

/** What each is called, by its name: in English and in Chinese. */
export const LABELS = Object.fromEntries(WAYS.map(({ name, label }) => [name, label]));
