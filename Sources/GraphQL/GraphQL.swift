// The type system, and what it says about a document.
//
// **In** come syntax trees from `GraphQLLanguage`: definitions in the schema language, and
// executable documents. **Out** go a `Schema` (`buildSchema`), errors with their places
// (`GraphQLError`), coerced values (`CoercedValue`) and, from `Introspection`, the answer to
// `__schema` and `__type` as JSON bytes.
//
// *TypeSystem* holds the schema, the rules by which it is built and checked, its coordinates and
// its printed form; *Validation* the rules of executable documents, one a file; *Coercion* the
// meaning of literals and variables; *Introspection* the schema's account of itself.
//
// **Invariants.** A `Schema` that exists is valid: there is no other way to one than `buildSchema`,
// and nothing changes it. Types refer to each other by place, so that it has no cycles and any
// thread may read it. Every error of one stage is reported, in the order of the source, and worded
// as the reference implementation words it. Where that is laxer than the specification, the
// specification is followed.
//
// **Absent on purpose.** No resolvers and no execution: planning and running an operation belong to
// the engine, which also gives directives such as `@table` their meaning. No schema made in code;
// the schema language is the one way to write it. No experimental syntax.
