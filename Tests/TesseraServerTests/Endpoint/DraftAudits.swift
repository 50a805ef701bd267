/// Sentences of the draft of 2026-08 that the published audits do not cover, or contradict.
let draftAudits = requestAudits + statusAudits

private let question = #"{"query":"{ __typename }"}"#

private let contentTypeHint = "Send Content-Type: application/json, in UTF-8."
private let writingRefused = refusal(
    "Only queries can be sent by GET; this is a mutation.", code: "OPERATION_NOT_ALLOWED",
    hint: "Send it by POST.")

private let requestAudits: [Audit] = [
    Audit(
        "D-NOTYPE", "SHOULD reject a POST without any Content-Type header (4xx)",
        post(question, contentType: nil),
        Answer(
            "415 Unsupported Media Type", json,
            refusal("The request has no Content-Type.", hint: contentTypeHint))),
    Audit(
        "D-415", "SHOULD use 415 for an unsupported Content-Type",
        post(question, contentType: "application/x-www-form-urlencoded"),
        Answer(
            "415 Unsupported Media Type", json,
            refusal(
                #"The Content-Type "application/x-www-form-urlencoded" is not supported."#,
                hint: contentTypeHint))),
    Audit(
        "D-406", "SHOULD use 406 when no media type of Accept is supported",
        post(question, accept: "text/html"),
        Answer(
            "406 Not Acceptable", json,
            refusal(
                "No media type of the Accept header is supported.",
                hint: "Accept application/graphql-response+json or application/json."))),
    .accepted(
        "D-QVALUE", "MUST honour the priorities of Accept (q values)",
        post(question, accept: "\(json);q=0.5, \(response);q=0.9"), as: response),
    .accepted(
        "D-QVALUE2", "MUST honour the priorities of Accept (the other way round)",
        post(question, accept: "\(response);q=0.5, \(json);q=0.9"), as: json),
    Audit(
        "D-GETMUT", "SHOULD use 405 with Allow for a mutation by GET",
        get("query=mutation%7B__typename%7D"),
        Answer("405 Method Not Allowed", json, headers: ["Allow: POST"], writingRefused)),
    Audit(
        "D-GETNAMED", "MUST judge GET by the operation that operationName selects",
        get("query=query+Q%7B__typename%7D+mutation+M%7B__typename%7D&operationName=M"),
        Answer("405 Method Not Allowed", json, headers: ["Allow: POST"], writingRefused)),
    .accepted(
        "D-GETEMPTY", "MUST treat empty optional GET parameters as absent",
        get("query=%7B__typename%7D&operationName=&variables=&extensions=")),
    .accepted(
        "D-PLUS", "MUST decode + as a space in GET parameters",
        get("query=query+Q%7B__typename%7D")),
    Audit(
        "D-METHOD", "SHOULD use 405 with Allow for an unsupported method",
        get("", method: "DELETE"),
        Answer(
            "405 Method Not Allowed", json, headers: ["Allow: GET, HEAD, POST, OPTIONS"],
            refusal("This method is not supported.", hint: "Send queries by POST or GET."))),
    .accepted(
        "D-UNKNOWNKEY", "MUST ignore properties it does not know",
        post(#"{"id":7,"query":"{ __typename }","more":{"query":[null]}}"#)),
]

private let noField = #"{"query":"{ nothing }"}"#
private let noFieldErrors =
    #"{"errors":[{"message":"Cannot query field \"nothing\" on type \"Query\".","#
    + #""locations":[{"line":1,"column":3}],"#
    + #""extensions":{"code":"GRAPHQL_VALIDATION_FAILED","rule":"FieldsOnCorrectType"}}]}"#
private let noOperation = #"{"query":"{ __typename }","operationName":"Nothing"}"#
private let noOperationErrors = refusal(
    #"Unknown operation named "Nothing"."#, code: "OPERATION_RESOLUTION_FAILURE")
private let nullID =
    #"{"query":"query($id: ID!) { member(id: $id) { name } }","variables":{"id":null}}"#
private let nullIDErrors =
    #"{"errors":[{"message":"Variable \"$id\" has invalid value: "#
    + #"Expected value of non-null type \"ID!\" not to be null.","#
    + #""locations":[{"line":1,"column":7}],"#
    + #""extensions":{"code":"BAD_USER_INPUT","rule":"CoerceVariableValues"}}]}"#

private let statusAudits: [Audit] = [
    Audit(
        "D-VALID4XX", "MUST use 4xx or 5xx when the response has no data entry (validation)",
        post(noField, accept: response), Answer("400 Bad Request", response, noFieldErrors),
        draft: Answer("422 Unprocessable Content", response, noFieldErrors)),
    Audit(
        "D-VALID422", "SHOULD use 422 for a document that is not valid",
        post(noField), Answer("200 OK", json, noFieldErrors),
        draft: Answer("422 Unprocessable Content", json, noFieldErrors)),
    Audit(
        "D-OPERATION", "SHOULD use 422 (audits: 4xx) for an unknown operationName",
        post(noOperation, accept: response),
        Answer("400 Bad Request", response, noOperationErrors),
        draft: Answer("422 Unprocessable Content", response, noOperationErrors)),
    Audit(
        "D-OPERATION-JSON", "SHOULD use 422 (audits: 200) for an unknown operationName",
        post(noOperation), Answer("200 OK", json, noOperationErrors),
        draft: Answer("422 Unprocessable Content", json, noOperationErrors)),
    Audit(
        "D-PARAM422", "SHOULD use 422 for a request that is not well formed",
        post(#"{"query":1}"#, accept: response),
        Answer(
            "400 Bad Request", response,
            refusal(#"The member "query" is missing or not a string."#)),
        draft: Answer(
            "422 Unprocessable Content", response,
            refusal(#"The member "query" is missing or not a string."#))),
    Audit(
        "D-COERCE422", "SHOULD use 422 on variable coercion failure",
        post(nullID), Answer("200 OK", json, nullIDErrors),
        draft: Answer("422 Unprocessable Content", json, nullIDErrors)),
    Audit(
        "D-COERCE4XX", "MUST use 4xx or 5xx without data on variable coercion failure",
        post(nullID, accept: response), Answer("400 Bad Request", response, nullIDErrors),
        draft: Answer("422 Unprocessable Content", response, nullIDErrors)),
    .refused(
        "D-ARRAY", "a JSON array as body is no well-formed request (4xx)", "[\(question)]",
        #"The body must be a JSON object with the member "query"."#),
    Audit(
        "D-BADUTF8", "a body that is not UTF-8 is refused (4xx)",
        post(Array(#"{"query":"{ __typename } # "#.utf8) + [0xFF, 0x22, 0x7D], accept: response),
        Answer("400 Bad Request", response, notJSON("a string is not valid UTF-8 at byte 27"))),
    Audit(
        "D-ERRTYPE", "errors before execution still come as application/graphql-response+json",
        post(question, accept: response, contentType: "text/plain"),
        Answer(
            "415 Unsupported Media Type", response,
            refusal(#"The Content-Type "text/plain" is not supported."#, hint: contentTypeHint))),
    Audit(
        "D-PARTIAL", "SHOULD use 294 for data with errors (audits: 200)",
        post(partial, accept: response), Answer("200 OK", response, partialAnswer),
        draft: Answer("294 Partial Success", response, partialAnswer)),
    Audit(
        "D-PARTIAL-JSON", "uses 200 for data with errors when accepting application/json",
        post(partial), Answer("200 OK", json, partialAnswer)),
]

private let partial =
    #"{"query":"{ tier(id: \"tier_1\") { members(first: 5000) { totalCount } } __typename }"}"#
private let partialAnswer =
    #"{"errors":[{"message":"first is 5000; a page has at most 1000 rows.","#
    + #""locations":[{"line":1,"column":24}],"path":["tier","members"],"#
    + #""extensions":{"code":"BAD_USER_INPUT","#
    + #""hint":"Ask for less and page on with after: pageInfo.endCursor."}}],"#
    + #""data":{"tier":null,"__typename":"Query"}}"#
