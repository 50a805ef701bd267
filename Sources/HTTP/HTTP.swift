// HTTP: bytes in, bytes out.
//
// What comes in: connections on a listening socket, and from them requests of HTTP/1.1 and 1.0.
// What goes out: the bytes of answers, in the order of the requests, one answer each.
//
// The road of a request: the acceptor's thread deals a connection to the loop with the fewest
// (Acceptor). The loop waits for readiness, reads once (EventLoop), and hands the bytes to the
// connection, a state machine that knows neither sockets nor clocks (Connection). Request line,
// headers and body are parsed where they were read (Request). The handler writes its answer
// straight into the connection's output behind a head with room for the length (Exchange), or
// takes a ticket and answers from any thread (Deferral), which wakes the loop (Mailbox), at once or
// in pieces of a length nobody knows (ResponseStream, StreamedBody). All whole requests of a read
// are answered before one write.
//
// Invariants:
// - Whether a request is accepted depends on its bytes alone, never on how they were cut into
//   packets; what could be read in two ways is refused with one answer and a close.
// - Everything of a connection happens on its loop's thread; other threads only post messages.
// - A request in steady state allocates nothing: blocks of input, buffers of output and requests
//   go from connection to connection, and a silent connection holds none of them.
// - Every wait of a connection has a deadline (DeadlineWheel) or an owner (a deferral, a stream).
// - A streamed answer that is not whole never looks whole: it lacks its last chunk, or the
//   connection is reset.
//
// Deliberately absent: JSON, GraphQL, routing, percent-decoding, TLS, compression, HTTP/2,
// name look-ups, async functions, a task or a closure per request.
