// The lowest room: memory, and the notations that are made of plain bytes.
//
// **In** come raw bytes from sockets and files, integers, floating-point numbers and instants.
// **Out** go bytes in growable memory (``ByteBuffer``), checked text (``UTF8Check``), civil time
// (``Instant``, ``CivilDate``), hashes that are the same in every process (``StableHash``), checks
// against damage (``CRC32C``) and against forgery (``SHA256``). Beside them lie the two things that every room above needs
// of the system: a lock (``Guarded``) and a thread (``SystemThread``).
//
// **Invariants.** Nothing here traps on input that a client chose: a parser answers `nil`, a
// check answers an offset. What is written into a buffer is what a JSON document may hold as it
// stands, so the rooms above copy and never re-encode. Every hash that may reach a file has a
// version number.
//
// **Absent on purpose.** No file, no socket, no clock and no source of randomness: those come in
// from above as values. No `String` on any road that a request takes. No locale and no time zone:
// instants are UTC.
