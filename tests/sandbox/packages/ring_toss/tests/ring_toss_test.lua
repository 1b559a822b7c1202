mall.test("three places are paid from the daily pool", function(t)
  local ada, bob = t:join("Ada"), t:join("Bob")
  t:seed(7)
  t:interact(ada, "peg")
  t:interact(bob, "peg")
  t:expect_equal(t:actions(ada)[1], "throw")
  repeat
    t:input(ada, "throw")
  until t:score(ada) > 0
  t:advance(61)
  t:expect_equal(t:match().phase, "over")
  t:expect_equal(#t:actions(ada), 0)
  t:expect_claims("daily", { [ada] = 3 })
  t:expect_budget { per_event = 200000 }
end)

mall.test("nobody throws before the round", function(t)
  local ada = t:join("Ada")
  t:interact(ada, "peg")
  t:expect_equal(t:match().phase, "lobby")
  t:expect_equal(#t:actions(ada), 0)
end)
