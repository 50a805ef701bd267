// The engine: where GraphQL meets the store.
//
// **In** come a folder of schema files, and then operations that have been parsed and validated
// against the schema which the engine made of that folder. **Out** go the definitions the store is
// built from, the schema that clients see, and the bytes of each answer.
//
// *Model* reads the schema files once, at start: tables, columns, relations, keys and indexes for
// the store, and the generated API for the clients (``buildModel(_:rules:)``). *Planner* turns an
// operation into a plan that knows columns and indexes instead of names. *Executor* runs a plan
// against one version of the store and writes the answer straight into a buffer. *Mutations* change
// rows inside the writer's transactions and answer from its draft. *Rules* are what the domain
// brings along: mutations, computed fields and what the clock changes, bound to a schema once.
// *Import* fills the store from files, *Export* writes whole tables of it, and *Tabular* writes the
// answer of a query as the lines of one table.
//
// **Invariants.** A ``Model`` is immutable and shared by all threads; what it says never depends on
// the data. A folder that leaves any doubt is refused with everything that is wrong in it, each
// with file, line, column and a way to mend it: there are no warnings that nobody reads. What the
// printed schema offers works; what does not work yet is not printed. One operation reads one
// version of the store.
//
// **How the API is made.** The generator writes the API as a text in the schema definition
// language, and that text is then built like anybody's: so the schema that clients see has passed
// every check of the specification, and can be printed as it was written.
//
// **Absent on purpose.** No sockets and no files but the schema's and those of an import; no domain
// rules, which the room above brings along; no Swift type for any table: a field added to a schema
// file is in the API after a restart.
