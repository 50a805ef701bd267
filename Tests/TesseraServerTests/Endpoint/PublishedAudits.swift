/// The audits of graphql-http, in their order.
let publishedAudits = mediaTypeAudits + parameterAudits + failureAudits

private let question = #"{"query":"{ __typename }"}"#

private let mediaTypeAudits: [Audit] = [
    .accepted(
        "22EB", "SHOULD accept application/graphql-response+json and match the content-type",
        post(question, accept: response), as: response),
    .accepted(
        "4655", "MUST accept application/json and match the content-type",
        post(question, accept: json)),
    .accepted(
        "47DE", "SHOULD accept */* and use application/json for the content-type",
        post(question, accept: "*/*")),
    .accepted(
        "80D8", "SHOULD assume application/json content-type when accept is missing",
        post(question, accept: nil)),
    .accepted(
        "82A3", "MUST use utf-8 encoding when responding", post(question, accept: nil)),
    Audit(
        "BF61", "MUST accept utf-8 encoded request",
        post(
            #"{"query":"{ __type(name: \"Run🏃Swim🏊\") { name } }"}"#, accept: nil,
            contentType: "application/json; charset=utf-8"),
        Answer("200 OK", json, #"{"data":{"__type":null}}"#)),
    Audit(
        "78D5", "MUST assume utf-8 in request if encoding is unspecified",
        post(#"{"query":"{ __type(name: \"Run🏃Swim🏊\") { name } }"}"#, accept: nil),
        Answer("200 OK", json, #"{"data":{"__type":null}}"#)),
    .accepted("2C94", "MUST accept POST requests", post(question, accept: nil)),
    .accepted(
        "5A70", "MAY accept application/x-www-form-urlencoded formatted GET requests",
        get("query=%7B+__typename+%7D", accept: nil)),
    Audit(
        "9C48", "MAY NOT allow executing mutations on GET requests",
        get("query=mutation+%7B+__typename+%7D", accept: response),
        Answer(
            "405 Method Not Allowed", response, headers: ["Allow: POST"],
            refusal(
                "Only queries can be sent by GET; this is a mutation.",
                code: "OPERATION_NOT_ALLOWED", hint: "Send it by POST."))),
    Audit(
        "9ABE",
        "SHOULD respond with 4xx status code if content-type is not supplied on POST requests",
        post(question, contentType: "text/plain;charset=UTF-8"),
        Answer(
            "415 Unsupported Media Type", json,
            refusal(
                #"The Content-Type "text/plain;charset=UTF-8" is not supported."#,
                hint: "Send Content-Type: application/json, in UTF-8."))),
    .accepted("03D4", "MUST accept application/json POST requests", post(question)),
    Audit(
        "A5BF", "MAY use 400 status code when request body is missing on POST",
        post("", accept: nil),
        Answer("400 Bad Request", json, notJSON("the text ends inside a value at byte 0"))),
]

private let noQuery = #"The member "query" is missing or not a string."#
private let noName = #"The member "operationName" must be a string or null."#
private let noVariables = #"The member "variables" must be an object or null."#
private let noExtensions = #"The member "extensions" must be an object or null."#

private func with(_ member: String, _ value: String) -> String {
    #"{"query":"{ __typename }","\#(member)":\#(value)}"#
}

private let named = #"{"operationName":"Query","query":"query Query { __typename }"}"#
private let typed =
    #"{"query":"query Type($name: String!) { __type(name: $name) { name } }","#
    + #""variables":{"name":"sometype"}}"#
private let typedParameters =
    "query=query+Type(%24name%3AString!)%7B__type(name%3A%24name)%7Bname%7D%7D"
    + "&variables=%7B%22name%22%3A%22sometype%22%7D"

private let parameterAudits: [Audit] = [
    .refused(
        "423L", "MAY use 400 status code on missing {query} parameter", #"{"notquery":""}"#,
        noQuery),
    .refused(
        "LKJ0", "MAY use 400 status code on object {query} parameter",
        #"{"query":{"obj":"ect"}}"#, noQuery),
    .refused(
        "LKJ1", "MAY use 400 status code on number {query} parameter", #"{"query":0}"#, noQuery),
    .refused(
        "LKJ2", "MAY use 400 status code on boolean {query} parameter", #"{"query":false}"#,
        noQuery),
    .refused(
        "LKJ3", "MAY use 400 status code on array {query} parameter", #"{"query":["array"]}"#,
        noQuery),
    .accepted(
        "34A2",
        "SHOULD allow string {query} parameter when accepting application/graphql-response+json",
        post(question, accept: response), as: response),
    .accepted(
        "13EE", "MUST allow string {query} parameter when accepting application/json",
        post(question)),
    .refused(
        "6C00", "MAY use 400 status code on object {operationName} parameter",
        with("operationName", #"{"obj":"ect"}"#), noName),
    .refused(
        "6C01", "MAY use 400 status code on number {operationName} parameter",
        with("operationName", "0"), noName),
    .refused(
        "6C02", "MAY use 400 status code on boolean {operationName} parameter",
        with("operationName", "false"), noName),
    .refused(
        "6C03", "MAY use 400 status code on array {operationName} parameter",
        with("operationName", #"["array"]"#), noName),
    .accepted(
        "8161",
        "SHOULD allow string {operationName} parameter when accepting "
            + "application/graphql-response+json",
        post(named, accept: response), as: response),
    .accepted(
        "B8B3", "MUST allow string {operationName} parameter when accepting application/json",
        post(named)),
    .accepted(
        "94B0",
        "SHOULD allow null {variables} parameter when accepting "
            + "application/graphql-response+json",
        post(with("variables", "null"), accept: response), as: response),
    .accepted(
        "0220", "MUST allow null {variables} parameter when accepting application/json",
        post(with("variables", "null"))),
    .accepted(
        "94B1",
        "SHOULD allow null {operationName} parameter when accepting "
            + "application/graphql-response+json",
        post(with("operationName", "null"), accept: response), as: response),
    .accepted(
        "0221", "MUST allow null {operationName} parameter when accepting application/json",
        post(with("operationName", "null"))),
    .accepted(
        "94B2",
        "SHOULD allow null {extensions} parameter when accepting "
            + "application/graphql-response+json",
        post(with("extensions", "null"), accept: response), as: response),
    .accepted(
        "0222", "MUST allow null {extensions} parameter when accepting application/json",
        post(with("extensions", "null"))),
    .refused(
        "4760", "MAY use 400 status code on string {variables} parameter",
        with("variables", #""string""#), noVariables),
    .refused(
        "4761", "MAY use 400 status code on number {variables} parameter", with("variables", "0"),
        noVariables),
    .refused(
        "4762", "MAY use 400 status code on boolean {variables} parameter",
        with("variables", "false"), noVariables),
    .refused(
        "4763", "MAY use 400 status code on array {variables} parameter",
        with("variables", #"["array"]"#), noVariables),
    Audit(
        "2EA1",
        "SHOULD allow map {variables} parameter when accepting application/graphql-response+json",
        post(typed, accept: response), Answer("200 OK", response, #"{"data":{"__type":null}}"#)),
    Audit(
        "28B9", "MUST allow map {variables} parameter when accepting application/json",
        post(typed), Answer("200 OK", json, #"{"data":{"__type":null}}"#)),
    Audit(
        "D6D5",
        "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting "
            + "application/graphql-response+json",
        get(typedParameters, accept: response),
        Answer("200 OK", response, #"{"data":{"__type":null}}"#)),
    Audit(
        "6A70",
        "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting "
            + "application/json",
        get(typedParameters), Answer("200 OK", json, #"{"data":{"__type":null}}"#)),
    .refused(
        "58B0", "MAY use 400 status code on string {extensions} parameter",
        with("extensions", #""string""#), noExtensions),
    .refused(
        "58B1", "MAY use 400 status code on number {extensions} parameter",
        with("extensions", "0"), noExtensions),
    .refused(
        "58B2", "MAY use 400 status code on boolean {extensions} parameter",
        with("extensions", "false"), noExtensions),
    .refused(
        "58B3", "MAY use 400 status code on array {extensions} parameter",
        with("extensions", #"["array"]"#), noExtensions),
    .accepted(
        "428F",
        "SHOULD allow map {extensions} parameter when accepting application/graphql-response+json",
        post(with("extensions", #"{"some":"value"}"#), accept: response), as: response),
    .accepted(
        "1B7A", "MUST allow map {extensions} parameter when accepting application/json",
        post(with("extensions", #"{"some":"value"}"#))),
]

private let cutShort = #"{ "not a JSON"#
private let notParameters = "{ qeury: 'query { __typename' }"
private let cutShortErrors = notJSON("the text ends inside a value at byte 13")
private let notParametersErrors = notJSON("expected a key in double quotes at byte 2")
private let broken = #"{"query":"{"}"#
private let invalid = #"{"query":"{ 8f31403dfe404bccbb0e835f2629c6a7 }"}"#
private let uncoercible =
    #"{"query":"query CoerceFailure($id: ID!){ __typename }","variables":{"id":null}}"#

private let brokenErrors =
    #"{"errors":[{"message":"Syntax Error: Expected Name, found <EOF>.","#
    + #""locations":[{"line":1,"column":2}],"#
    + #""extensions":{"code":"GRAPHQL_PARSE_FAILED","rule":"Syntax"}}]}"#
/// The audits mean an unknown field, but a digit cannot begin a name.
private let invalidErrors =
    #"{"errors":[{"message":"Syntax Error: Invalid number, expected digit but got: \"f\".","#
    + #""locations":[{"line":1,"column":4}],"#
    + #""extensions":{"code":"GRAPHQL_PARSE_FAILED","rule":"Syntax"}}]}"#
/// The audits mean the value of the variable, but validation comes first: it is never used.
private let uncoercibleErrors =
    #"{"errors":[{"message":"Variable \"$id\" is never used in operation \"CoerceFailure\".","#
    + #""locations":[{"line":1,"column":21}],"#
    + #""extensions":{"code":"GRAPHQL_VALIDATION_FAILED","rule":"NoUnusedVariables"}}]}"#

private let failureAudits: [Audit] = [
    Audit(
        "B6DC",
        "MAY use 2xx, 4xx, or 5xx status codes on JSON parsing failure when accepting "
            + "application/json",
        post(cutShort), Answer("400 Bad Request", json, cutShortErrors)),
    Audit(
        "BCF8",
        "SHOULD use 400 status code on JSON parsing failure when accepting application/json",
        post(cutShort), Answer("400 Bad Request", json, cutShortErrors)),
    Audit(
        "B7N8",
        "SHOULD use 400 status code on JSON parsing failure when accepting "
            + "application/graphql-response+json",
        post(cutShort, accept: response),
        Answer("400 Bad Request", response, cutShortErrors)),
    Audit(
        "8764", "MAY use 4xx or 5xx status codes if parameters are invalid",
        post(notParameters),
        Answer("400 Bad Request", json, notParametersErrors)),
    Audit(
        "3E3A", "MAY use 400 status code if parameters are invalid", post(notParameters),
        Answer("400 Bad Request", json, notParametersErrors)),
    Audit(
        "572B",
        "SHOULD use 200 status code on document parsing failure when accepting application/json",
        post(broken), Answer("200 OK", json, brokenErrors),
        draft: Answer("400 Bad Request", json, brokenErrors)),
    Audit(
        "FDE2",
        "SHOULD use 200 status code on document validation failure when accepting "
            + "application/json",
        post(invalid), Answer("200 OK", json, invalidErrors),
        draft: Answer("400 Bad Request", json, invalidErrors)),
    Audit(
        "7B9B",
        "SHOULD use a status code of 200 on variable coercion failure when accepting "
            + "application/json",
        post(uncoercible), Answer("200 OK", json, uncoercibleErrors),
        draft: Answer("422 Unprocessable Content", json, uncoercibleErrors)),
    Audit(
        "865D",
        "SHOULD use 4xx or 5xx status codes on document parsing failure when accepting "
            + "application/graphql-response+json",
        post(broken, accept: response), Answer("400 Bad Request", response, brokenErrors)),
    Audit(
        "556A",
        "SHOULD use 400 status code on document parsing failure when accepting "
            + "application/graphql-response+json",
        post(broken, accept: response), Answer("400 Bad Request", response, brokenErrors)),
    Audit(
        "D586",
        "SHOULD not contain the data entry on document parsing failure when accepting "
            + "application/graphql-response+json",
        post(broken, accept: response), Answer("400 Bad Request", response, brokenErrors)),
    Audit(
        "51FE",
        "SHOULD use 4xx or 5xx status codes on document validation failure when accepting "
            + "application/graphql-response+json",
        post(invalid, accept: response), Answer("400 Bad Request", response, invalidErrors)),
    Audit(
        "74FF",
        "SHOULD use 400 status code on document validation failure when accepting "
            + "application/graphql-response+json",
        post(invalid, accept: response), Answer("400 Bad Request", response, invalidErrors)),
    Audit(
        "5E5B",
        "SHOULD not contain the data entry on document validation failure when accepting "
            + "application/graphql-response+json",
        post(invalid, accept: response), Answer("400 Bad Request", response, invalidErrors)),
    Audit(
        "86EE",
        "SHOULD use a status code of 400 on variable coercion failure when accepting "
            + "application/graphql-response+json",
        post(uncoercible, accept: response), Answer("400 Bad Request", response, uncoercibleErrors),
        draft: Answer("422 Unprocessable Content", response, uncoercibleErrors)),
]
