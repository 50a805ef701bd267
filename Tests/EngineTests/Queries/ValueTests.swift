import JSON
import Testing

@testable import Engine

/// Values inside rows: objects, lists, references.
@Suite struct ValueTests {
    private let shop: EngineFixture

    init() throws {
        shop = try EngineFixture(
            """
            type Product @table(idPrefix: "prd") { name: String! orders: [Order!]! @relation(inverse: "favourite") }
            enum Unit { PIECE BOX }
            type Money { amountMinor: Long! currency: String! }
            type Line { product: Product count: Int! unit: Unit price: Money note: String extra: JSON }
            type Order @table(idPrefix: "ord") {
              favourite: Product @relation
              lines: [Line!]!
              others: [Line]
              main: Line
              total: Money
              tags: [String!]
              units: [Unit]!
            }
            """,
            rows: [
                "Product": [
                    ["id": "prd_1", "name": "Pen"], ["id": "prd_2", "name": "Ink \"blue\""],
                ],
                "Order": [
                    [
                        "id": "ord_1", "favourite": "prd_2",
                        "lines": [
                            [
                                "product": "prd_2", "count": 2, "unit": "BOX",
                                "price": [
                                    "amountMinor": -9_007_199_254_740_991, "currency": "NOK",
                                ],
                                "note": "a \"b\"\n", "extra": ["k": [1, nil]],
                            ],
                            ["product": "prd_1", "count": 1],
                        ],
                        "others": [nil, ["product": "prd_1", "count": 3]],
                        "total": ["amountMinor": 5, "currency": "NOK"], "tags": ["a", "b\\"],
                        "units": ["PIECE", nil],
                    ],
                    ["id": "ord_2", "lines": [], "units": []],
                ],
            ])
    }

    @Test func `values are written as they were stored`() throws {
        try shop.check(
            """
            { orders { nodes { lines { __typename count unit price { amountMinor currency } note extra
                product { id name orders { totalCount } } }
              others { count unit } total { currency } tags units favourite { name } } } }
            """,
            gives: #"""
                {"data":{"orders":{"nodes":[
                  {"lines":[
                    {"__typename":"Line","count":2,"unit":"BOX","price":{"amountMinor":-9007199254740991,"currency":"NOK"},"note":"a \"b\"\n","extra":{"k":[1,null]},"product":{"id":"prd_2","name":"Ink \"blue\"","orders":{"totalCount":1}}},
                    {"__typename":"Line","count":1,"unit":null,"price":null,"note":null,"extra":null,"product":{"id":"prd_1","name":"Pen","orders":{"totalCount":0}}}],
                   "others":[null,{"count":3,"unit":null}],"total":{"currency":"NOK"},"tags":["a","b\\"],"units":["PIECE",null],"favourite":{"name":"Ink \"blue\""}},
                  {"lines":[],"others":null,"total":null,"tags":null,"units":[],"favourite":null}]}}}
                """#)
    }

    @Test func `a row that a value leads to is null when it was deleted`() throws {
        try shop.delete("Product", "prd_1")
        try shop.check(
            "{ orders(first: 1) { nodes { lines { product { name } } } } }",
            gives:
                #"{"data":{"orders":{"nodes":[{"lines":[{"product":{"name":"Ink \"blue\""}},{"product":null}]}]}}}"#
        )
    }

    @Test func `isNull stands only where something can be null`() throws {
        func message(_ filter: String) throws -> String? {
            let answer = try shop.ask("{ orders(filter: \(filter)) { totalCount } }")
            return answer.json?["errors"]?[0]?["message"]?.string ?? answer.text
        }
        #expect(
            try message("{ favourite: { or: [{ isNull: true }, { name: { eq: \"Pen\" } }] } }")
                == "filter.favourite.or.isNull is asked where nothing can be null.")
        #expect(
            try message("{ total: { not: { isNull: true } } }")
                == "filter.total.not.isNull is asked where nothing can be null.")
        #expect(
            try message("{ others: { some: { isNull: true } } }")
                == "filter.others.some.isNull is asked where nothing can be null.")
        let atRoot = try shop.ask("{ products(filter: { isNull: true }) { totalCount } }")
        #expect(
            atRoot.json?["errors"]?[0]?["message"]
                == "filter.isNull is asked where nothing can be null.")
        try shop.check(
            "{ a: orders(filter: { favourite: { isNull: true } }) { nodes { id } } b: orders(filter: { not: { total: { isNull: true } } }) { nodes { id } } c: orders(filter: { others: { isNull: true } }) { nodes { id } } }",
            gives:
                #"{"data":{"a":{"nodes":[{"id":"ord_2"}]},"b":{"nodes":[{"id":"ord_1"}]},"c":{"nodes":[{"id":"ord_2"}]}}}"#
        )
    }
}
