import GraphQLLanguage
import Testing

@testable import GraphQL

/// Source: GraphQL, September 2025, §3.14.
@Suite struct SchemaCoordinatesTests {
    private let sample: Schema

    init() throws {
        sample = try schema(
            """
            type Query { a: Int b(x: Int, y: Int): Int }
            interface I { c(z: Int): Int } input P { d: Int e: Int } enum E { F G }
            union U = Query scalar S directive @h(v: Int, w: Int) on FIELD
            """)
    }

    /// What the coordinate names, or the error's message.
    private func resolve(_ coordinate: String) throws -> String {
        let coordinate = try parseSchemaCoordinate(Source(coordinate))
        do throws(SchemaCoordinateError) {
            switch try sample.resolve(coordinate) {
            case nil: return "nothing"
            case .type(let id): return "type \(sample[id].name)"
            case .field(let id, let index): return "field \(sample[id].fields[index].name)"
            case .inputField(let id, let index):
                return "input field \(sample[id].inputFields[index].name)"
            case .enumValue(let id, let index):
                return "enum value \(sample[id].enumValues[index].name)"
            case .argument(let id, let field, let argument):
                return "argument \(sample[id].fields[field].arguments[argument].name)"
            case .directive(let index): return "directive \(sample.directives[index].name)"
            case .directiveArgument(let directive, let argument):
                return "directive argument \(sample.directives[directive].arguments[argument].name)"
            }
        } catch {
            return error.message
        }
    }

    @Test(
        arguments: [
            ("Query", "type Query"), ("S", "type S"), ("Query.b", "field b"), ("I.c", "field c"),
            ("P.e", "input field e"), ("E.G", "enum value G"), ("Query.b(y:)", "argument y"),
            ("I.c(z:)", "argument z"), ("@h", "directive h"), ("@h(w:)", "directive argument w"),
            ("@skip(if:)", "directive argument if"), ("Int", "type Int"),
        ])
    func `a coordinate names one element`(pair: (String, String)) throws {
        #expect(try resolve(pair.0) == pair.1)
    }

    @Test(
        arguments: [
            "Nope", "Query.nope", "Query.b(nope:)", "P.nope", "E.nope", "@nope", "@h(nope:)",
            "Query.__typename", "__Type",
        ])
    func `an element that is not there is nothing`(coordinate: String) throws {
        #expect(try resolve(coordinate) == "nothing")
    }

    @Test(
        arguments: [
            ("Nope.a", "Expected \"Nope\" to be defined as a type in the schema."),
            ("Nope.a(b:)", "Expected \"Nope\" to be defined as a type in the schema."),
            ("__Type.name", "Expected \"__Type\" to be defined as a type in the schema."),
            ("S.a", "Expected \"S\" to be an Enum, Input Object, Object or Interface type."),
            ("U.Query", "Expected \"U\" to be an Enum, Input Object, Object or Interface type."),
            ("P.d(x:)", "Expected \"P\" to be an object type or interface type."),
            (
                "Query.nope(x:)",
                "Expected \"nope\" to exist as a field of type \"Query\" in the schema."
            ),
            ("@nope(x:)", "Expected \"nope\" to be defined as a directive in the schema."),
        ])
    func `what contains the element must be there`(pair: (String, String)) throws {
        #expect(try resolve(pair.0) == pair.1)
    }
}
