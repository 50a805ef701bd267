import GraphQLLanguage

/// What each schema has without its author's doing, in the language itself: the built-in scalars
/// and directives, and the types of introspection.
///
/// Source: GraphQL, September 2025, §3.5, §3.13, §4.2.
enum BuiltInDefinitions {
    /// Parsed once for the process.
    static let document: Document = {
        do {
            return try parse(Source(name: "built-in definitions", text), limits: .file)
        } catch {
            preconditionFailure("the built-in definitions do not parse: \(error)")
        }
    }()

    /// The names of the built-in scalars; a schema has those it refers to.
    static let scalarNames: Set<String> = ["Int", "Float", "String", "Boolean", "ID"]

    static let directiveNames: Set<String> = [
        "skip", "include", "deprecated", "specifiedBy", "oneOf",
    ]

    /// The default of `@deprecated(reason:)`.
    static let deprecationReasonDefault = "No longer supported"

    private static let text = #"""
        "A signed whole number of 32 bits: -2147483648 to 2147483647."
        scalar Int

        "A signed double-precision number with a fraction, as IEEE 754 defines it."
        scalar Float

        "A text of Unicode characters."
        scalar String

        "True or false."
        scalar Boolean

        """
        An opaque identifier, to fetch a thing again or to cache it by. It is written as a string; \#
        as input, strings such as "4" and whole numbers such as 4 are taken.
        """
        scalar ID

        "Leaves a field or fragment out when the argument is true."
        directive @skip(
          "Whether to leave it out."
          if: Boolean!
        ) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT

        "Takes a field or fragment in only when the argument is true."
        directive @include(
          "Whether to take it in."
          if: Boolean!
        ) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT

        "Marks a part of the schema that clients should stop using."
        directive @deprecated(
          "Why, and what to use instead; CommonMark."
          reason: String! = "No longer supported"
        ) on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE

        "Says where the format of a custom scalar is specified."
        directive @specifiedBy(
          "The address of the specification."
          url: String!
        ) on SCALAR

        "Marks an input object of which exactly one field must be given, and not null."
        directive @oneOf on INPUT_OBJECT

        "What this server can be asked: its types, directives and entry points."
        type __Schema {
          description: String
          "All types, in the order of the schema's source."
          types: [__Type!]!
          "Where queries begin."
          queryType: __Type!
          "Where mutations begin; null when there are none."
          mutationType: __Type
          "Where subscriptions begin; null when there are none."
          subscriptionType: __Type
          "All directives, the built-in ones first."
          directives: [__Directive!]!
        }

        """
        A type: a named one, or a list or non-null type around another. Which fields have a value \#
        depends on the kind; the others are null.
        """
        type __Type {
          kind: __TypeKind!
          name: String
          description: String
          specifiedByURL: String
          fields(includeDeprecated: Boolean! = false): [__Field!]
          interfaces: [__Type!]
          possibleTypes: [__Type!]
          enumValues(includeDeprecated: Boolean! = false): [__EnumValue!]
          inputFields(includeDeprecated: Boolean! = false): [__InputValue!]
          ofType: __Type
          isOneOf: Boolean
        }

        "The kinds of type."
        enum __TypeKind {
          "Has a specifiedByURL at most."
          SCALAR
          "Has fields and interfaces."
          OBJECT
          "Has fields, interfaces and possibleTypes."
          INTERFACE
          "Has possibleTypes."
          UNION
          "Has enumValues."
          ENUM
          "Has inputFields and isOneOf."
          INPUT_OBJECT
          "Has ofType."
          LIST
          "Has ofType."
          NON_NULL
        }

        "A field of an object or interface."
        type __Field {
          name: String!
          description: String
          args(includeDeprecated: Boolean! = false): [__InputValue!]!
          type: __Type!
          isDeprecated: Boolean!
          deprecationReason: String
        }

        "An argument of a field or directive, or a field of an input object."
        type __InputValue {
          name: String!
          description: String
          type: __Type!
          "The value that counts when none is given, as a GraphQL literal."
          defaultValue: String
          isDeprecated: Boolean!
          deprecationReason: String
        }

        "A value of an enum."
        type __EnumValue {
          name: String!
          description: String
          isDeprecated: Boolean!
          deprecationReason: String
        }

        "A directive: what may be written behind an @, and where."
        type __Directive {
          name: String!
          description: String
          isRepeatable: Boolean!
          locations: [__DirectiveLocation!]!
          args(includeDeprecated: Boolean! = false): [__InputValue!]!
        }

        "The places where a directive may stand."
        enum __DirectiveLocation {
          "On a query."
          QUERY
          "On a mutation."
          MUTATION
          "On a subscription."
          SUBSCRIPTION
          "On a field of a selection."
          FIELD
          "On a named fragment."
          FRAGMENT_DEFINITION
          "Where a named fragment is used."
          FRAGMENT_SPREAD
          "On a fragment without a name."
          INLINE_FRAGMENT
          "On a variable of an operation."
          VARIABLE_DEFINITION
          "On the schema itself."
          SCHEMA
          "On a scalar type."
          SCALAR
          "On an object type."
          OBJECT
          "On a field of an object or interface type."
          FIELD_DEFINITION
          "On an argument of a field or directive."
          ARGUMENT_DEFINITION
          "On an interface type."
          INTERFACE
          "On a union type."
          UNION
          "On an enum type."
          ENUM
          "On a value of an enum type."
          ENUM_VALUE
          "On an input object type."
          INPUT_OBJECT
          "On a field of an input object type."
          INPUT_FIELD_DEFINITION
        }
        """#
}
