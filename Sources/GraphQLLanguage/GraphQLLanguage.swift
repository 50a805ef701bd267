// The language: GraphQL text to syntax tree and back.
//
// **In** comes a ``Source``: bytes with a name, an executable document or a type-system document.
// **Out** goes a ``Document`` of plain values, or one ``SyntaxError`` with a byte offset; and the
// other way, ``print(_:)`` gives the text of a tree. ``parseValue(_:isConst:limits:)``,
// ``parseType(_:limits:)`` and ``parseSchemaCoordinate(_:)`` read the smaller notations.
//
// The standard is the edition of September 2025, syntax only. Where it is silent on the wording of
// an error, the wording is that of graphql-js 17.
//
// **Invariants.** No input traps, and none takes more than linear time: bytes, tokens and nesting
// are limited by ``ParseLimits``, the last one counted before each recursion. Bytes are proven to
// be UTF-8 once, before the first token. Offsets are byte offsets; lines and columns are worked out
// when an error is shown. What the printer writes parses back to an equal tree; trees are equal when
// they say the same, wherever it stood.
//
// **How it runs.** The lexer lies inside the parser and knows one token, the current one, as a kind
// and a range of bytes. There are no token values, and no strings but those the tree keeps.
//
// **Absent on purpose.** No schema and no validation: unknown names, duplicates, and type-system
// definitions in a request are the validator's affair. No visitors: the tree is small and closed, a
// `switch` walks it. No comments in the tree. No syntax beyond the edition: fragment variables,
// nullability designators, directives on directive definitions and empty selection sets are errors.
