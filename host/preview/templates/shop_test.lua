-- Run by `mall test`: each test plays the whole shop afresh, with made-up players and a made-up clock.

mall.test("a wish is kept once", function(t)
  local ada = t:join("Ada")
  t:interact(ada, "cup")
  t:ui(ada, "wish", "cup")
  t:ui(ada, "wish", "cup")
  t:ui(ada, "wish", "box")
  t:expect_equal(t:toasts(ada)[1], "1 wishes.")
  t:expect_equal(t:toasts(ada)[2], "It is on your list already.")
  t:expect_equal(t:toasts(ada)[3], "2 wishes.")
end)

mall.test("what lies on no shelf cannot be wished", function(t)
  local ada = t:join("Ada")
  t:ui(ada, "wish", "moon")
  t:expect_equal(#t:toasts(ada), 0, "messages")
  t:expect_equal(#t:entities("good"), 3, "goods")
  t:expect_budget { per_event = 50000, memory_kib = 512 }
end)
