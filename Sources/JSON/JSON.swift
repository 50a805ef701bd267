// JSON as bytes: RFC 8259, strictly, in both directions.
//
// **In** come the bytes of a request body, a snapshot line or a configuration file. ``JSONReader``
// pulls values out of them where they lie: a string is a slice of the document (``JSONText``), a
// number too (``JSONNumber``), and nothing is allocated. **Out** go bytes into a `ByteBuffer`:
// `appendJSONString` and its kin, beside the number and time formats of the room below.
//
// ``JSONValue`` is the one tree, for tests, introspection, configuration and tools; no hot road
// uses it.
//
// **Invariants.** What the reader has handed out is well-formed: strings are UTF-8 with paired
// surrogates, numbers follow the grammar, nesting stays within the bound. Time is linear in the
// bytes read, memory constant. A document that is not JSON ends in a ``JSONError`` that names the
// byte, never in a trap.
//
// **Absent on purpose.** No `Codable`, no `Any`, no lenient mode, no comments, no guessing of
// encodings. Whether a key may appear twice is the caller's matter (``JSONKeySet`` helps).
