/** The name in Segment's catalog; also the key in `event.integrations`. */
export const NAME = "Jimo (Actions)";
