import Testing

@testable import Engine

/// What is wrong with trees.
@Suite struct TreeProblemTests {
    @Test func `a parent is a nullable relation to the same table`() {
        expectProblems(
            of: """
                type Knot @table @tree(parent: "paren") {
                  parent: Knot @relation
                  name: String!
                }
                type Leaf @table @tree(parent: "node") @tree(parent: "name") {
                  node: Knot @relation
                  name: String!
                }
                type Chain @table @tree(parent: "before") {
                  before: Chain! @relation
                  within: String
                }
                type Flat @table @tree(parent: "above") { name: String! }
                type Value @tree(parent: "above") { name: String! }
                type Holder @table @tree { value: Value }
                """,
            """
            a.graphql:1:32: error: "Knot" has no field "paren"
              help: did you mean "parent"?
            a.graphql:5:32: error: "Leaf.node" does not lead to a row of "Leaf"
              help: the parent of a row is a row of the same table
            a.graphql:5:40: error: "@tree" stands here twice
              help: remove one of them
            a.graphql:9:33: error: "Chain.before" is never null, so that no row is the topmost
              help: remove the "!" of its type
            a.graphql:11:3: error: "within" cannot be the name of a field of a tree
              help: it is a word of the tree's filter: choose another name
            a.graphql:13:32: error: "Flat" has no field "above"
              help: add one: parent: Flat @relation
            a.graphql:14:12: error: "@tree" has no meaning on a type without "@table"
              help: add "@table", or remove "@tree"
            a.graphql:15:20: error: "@tree" needs the argument "parent"
              help: write: @tree(parent: …)
            """)
    }
}
