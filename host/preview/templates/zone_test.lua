-- Run by `mall test`: each test plays the whole zone afresh, with made-up players and a made-up clock.

mall.test("the gate counts who comes", function(t)
  t:join("Ada")
  local bob = t:join("Bob")
  t:leave(bob)
  t:join("Bob")
  for _, entity in ipairs(t:entities()) do
    if entity.id == "gate" then
      t:expect_equal(entity.label.text, "Welcome to the gallery: visit 3")
    end
  end
end)

mall.test("everything shown can be looked at and closed again", function(t)
  local ada = t:join("Ada")
  local things = t:entities("exhibit")
  t:expect_equal(#things, 3, "things to look at")
  for _, thing in ipairs(things) do
    t:interact(ada, thing)
    t:ui(ada, "close")
  end
  t:expect_budget { per_event = 50000, memory_kib = 512 }
end)
