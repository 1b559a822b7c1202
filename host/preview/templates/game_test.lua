-- Run by `mall test`: each test plays the whole game afresh, with made-up players and a made-up clock.

local function light_of(t)
  return t:entities("light")[1]
end

mall.test("touching the light counts and it jumps away", function(t)
  local ada = t:join("Ada")
  t:interact(ada, "button")
  local before = light_of(t).at
  t:move(ada, before)
  t:expect_equal(t:score(ada), 1, "Ada's score")
  t:expect_equal(t:toasts(ada)[1], "Caught!")
  t:expect(light_of(t).at[1] ~= before[1], "the light to be elsewhere")
end)

mall.test("who does not play catches nothing", function(t)
  local ada, bob = t:join("Ada"), t:join("Bob")
  t:interact(ada, "button")
  t:move(bob, light_of(t).at)
  t:expect_equal(#t:toasts(bob), 0, "Bob's messages")
end)

mall.test("a round ends when its time is over", function(t)
  t:settings { round_seconds = 10 }
  local ada = t:join("Ada")
  t:interact(ada, "button")
  t:move(ada, light_of(t).at)
  t:advance(11)
  t:expect_equal(t:match().phase, "over")
  t:expect_equal(t:toasts(ada)[2], "Ada wins with 1.")
  t:expect_budget { per_event = 50000, memory_kib = 512 }
end)
