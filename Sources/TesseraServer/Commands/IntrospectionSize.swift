import Bytes
import Engine
import Store

/// Bytes of the answer to the introspection query that tools send, on one line: what every client
/// that learns the API this way has to load.
func introspectionByteCount(_ model: Model) -> Int {
    let context = EngineContext(model: model, store: Store(model.storeDefinition, seed: 0))
    guard let session = Session(context: context) else { return 0 }
    let output = ByteBuffer(capacity: 1 << 20)
    unsafe introspectionQuery.utf8.span.withUnsafeBytes { document in
        guard let request = unsafe try? GraphQLRequest(document: document) else { return }
        _ = session.execute(request, into: output)
    }
    return output.count
}

/// Everything about the schema, with descriptions; types of fields down to nine wrappers.
private let introspectionQuery = """
    query IntrospectionQuery {
      __schema {
        description
        queryType { name }
        mutationType { name }
        subscriptionType { name }
        types { ...Type }
        directives {
          name description isRepeatable locations
          args(includeDeprecated: true) { ...Input }
        }
      }
    }
    fragment Type on __Type {
      kind name description specifiedByURL isOneOf
      fields(includeDeprecated: true) {
        name description isDeprecated deprecationReason
        args(includeDeprecated: true) { ...Input }
        type { ...Reference }
      }
      inputFields(includeDeprecated: true) { ...Input }
      interfaces { ...Reference }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { ...Reference }
    }
    fragment Input on __InputValue {
      name description defaultValue isDeprecated deprecationReason
      type { ...Reference }
    }
    fragment Reference on __Type {
      kind name
      ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }
    }
    """
