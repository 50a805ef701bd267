import Engine
import HTTP

/// Which status an answer gets. The audits of GraphQL over HTTP and its draft of 2026-08 differ:
///
/// |                                          | audits            | draft |
/// |------------------------------------------|-------------------|-------|
/// | data, perhaps null, and errors           | 200               | 294¹  |
/// | body is not JSON, or not UTF-8           | 400               | 400   |
/// | a parameter is missing or no parameter   | 400               | 422   |
/// | document does not parse                  | 400, 200²         | 400   |
/// | document invalid, unknown operation      | 400, 200²         | 422   |
/// | variables cannot be coerced              | 400, 200²         | 422   |
/// | cost or depth over the limit             | 400, 200²         | 422   |
/// | answer too large                         | 400, 200²         | 400   |
/// | operation took too long                  | 503, 200²         | 503   |
/// | named document not known                 | 200               | 400   |
/// | document not trusted                     | 403               | 403   |
/// | anything but a query by GET              | 405               | 405   |
///
/// ¹ 200 for `application/json`. ² For `application/json`, because older clients read a body only
/// with 200.
enum StatusRules: Sendable {
    /// What published clients and the audits of graphql-http expect.
    case audits
    /// The draft of 2026-08.
    case draft

    /// The status of an answer that a session has written.
    ///
    /// - Parameter hasFieldErrors: whether there are errors beside data.
    func status(
        _ outcome: Session.Outcome, hasFieldErrors: Bool, _ mediaType: MediaType
    ) -> HTTPStatus {
        switch outcome {
        case .data:
            return self == .draft && hasFieldErrors && mediaType == .graphQLResponse
                ? .partialSuccess : .ok
        case .overBudget, .write, .due: return .ok
        case .requestError(.notAllowed): return .methodNotAllowed
        case .requestError(.notTrusted): return .forbidden
        // Clients that then send the document read this answer only with 200.
        case .requestError(.notPersisted) where self == .audits: return .ok
        case .requestError(let error):
            if self == .audits && mediaType == .json { return .ok }
            switch error {
            case .timeout: return .serviceUnavailable
            case .forbidden: return .forbidden
            case .validation, .operation, .variables, .tooDear, .tooDeep:
                return self == .draft ? .unprocessableContent : .badRequest
            case .syntax, .tooLarge, .notAllowed, .notTrusted, .notPersisted, .reference:
                return .badRequest
            }
        }
    }

    /// The status for what is not a GraphQL request, whatever media type is asked for.
    func status(_ problem: RequestProblem) -> HTTPStatus {
        switch problem {
        case .json, .notUTF8: .badRequest
        case .notAnObject, .query, .operationName, .variables, .extensions, .documentID: malformed
        }
    }

    /// The status for a query string that makes no GraphQL request.
    func status(_ problem: QueryParameters.Problem) -> HTTPStatus {
        switch problem {
        case .notUTF8, .notJSON: .badRequest
        case .missingQuery, .repeated, .notAnObject, .notBoolean: malformed
        }
    }

    /// The status for a query that makes no table. Unlike an answer in `application/json` it always
    /// tells, since a table's reader sees nothing else.
    func status(ofTable error: Session.RequestError) -> HTTPStatus {
        switch error {
        case .timeout: .serviceUnavailable
        case .notTrusted, .forbidden: .forbidden
        case .syntax, .tooLarge, .notPersisted, .reference: .badRequest
        case .validation, .operation, .variables, .notAllowed, .tooDear, .tooDeep: malformed
        }
    }

    private var malformed: HTTPStatus { self == .draft ? .unprocessableContent : .badRequest }
}
