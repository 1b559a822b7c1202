-- unpack of more values than the stack has room for.
-- load: error|memory|budget
-- event: error|memory|budget
string.unpack(string.rep("b", 1000000), string.rep("x", 1000000))
