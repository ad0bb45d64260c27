/**
 * What the form starts with: the last visit, or what a link asks for.
 */

const KEY = 'wirebench';

/** Keeps name, room and transport for the next visit. */
export function remember({ name, room, transport }) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ name, room, transport }));
  } catch {
    // Private windows may refuse; then the form is simply empty next time.
  }
}

function recall() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

/** Fills in the form. A link may say how: `/?room=hall&name=ann&transport=sse` */
export function fillIn(form) {
  const filled = { ...recall(), ...Object.fromEntries(new URLSearchParams(location.search)) };
  for (const key of ['name', 'room', 'transport']) {
    const field = form.elements[key];
    if (filled[key]) field.value = filled[key];
    // A transport that does not exist leaves the select with nothing chosen.
    if (!field.value && field.options) field.value = 'auto';
  }
}
