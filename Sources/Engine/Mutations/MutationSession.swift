import Bytes
import GraphQL
import GraphQLLanguage
import JSON
import Store

/// Runs mutations on the writer's thread.
///
/// There is one, and it belongs to the writer. It has a plan cache and an executor of its own;
/// what it reads is the draft of the group at hand.
public final class MutationSession {
    public let context: EngineContext

    public init(context: EngineContext) {
        self.context = context
    }

    /// Whether the answer written last has errors beside its data.
    public var hasFieldErrors: Bool { false }

    /// Runs all root fields of a mutation, each as a transaction of its own, or all as one when the
    /// operation has `@transaction`, and appends the whole response object to `output`.
    ///
    /// The answer tells of changes that are not durable yet: it may leave when the group is.
    /// - Parameters:
    ///   - request: one for which ``Session/execute(_:readOnly:effort:into:trace:)`` has answered
    ///     `write`.
    ///   - idempotencyKey: the header's; it counts for each root field that brings none of its own.
    ///   - caller: who asks. Keys of one caller mean nothing to another.
    public func execute(
        _ request: GraphQLRequest, idempotencyKey: String? = nil, caller: String = "",
        in group: WriteGroup, into output: ByteBuffer
    ) -> Session.Outcome {
        output.append("{\"errors\":[{\"message\":\"Mutations are not supported.\"}]}")
        return .requestError(.operation)
    }
}
