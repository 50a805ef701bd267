import Testing

@testable import JSON

struct JSONValueTests {
    @Test func `a tree is read and written`() throws {
        let value = try JSONValue(parsing: #" {"a":[1,-2.5,true,null,"x\n"],"b":{}} "#)
        #expect(value == ["a": [1, -2.5, true, nil, "x\n"], "b": [:]])
        #expect(value.description == #"{"a":[1,-2.5,true,null,"x\n"],"b":{}}"#)
    }
}
