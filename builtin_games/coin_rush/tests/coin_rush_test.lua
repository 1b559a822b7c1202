local function start(t, player)
  t:interact(player, "start")
  t:advance(4) -- the lobby, and a first look at the field
end

-- Walks straight to the nearest coin; returns false when there is none.
local function take_one(t, player)
  local coin = t:entities("coin")[1]
  if not coin then
    return false
  end
  t:move(player, { coin.at[1], 0, coin.at[3] })
  t:advance(0.3)
  return true
end

mall.test("the pedestal starts a round with coins on the field", function(t)
  local ada = t:join("Ada")
  t:expect_equal(#t:entities("coin"), 0, "coins before the round")
  start(t, ada)
  t:expect_equal(t:match().phase, "running", "the match")
  t:expect(#t:entities("coin") >= 5, "at least five coins")
end)

mall.test("walking through a coin scores and another appears elsewhere", function(t)
  local ada = t:join("Ada")
  start(t, ada)
  local before = #t:entities("coin")
  take_one(t, ada)
  t:expect(t:score(ada) >= 1, "a point for the coin")
  t:expect(#t:entities("coin") >= before - 1, "the field to fill up again")
end)

mall.test("a single player who reaches the target wins the prize and the round ends early", function(t)
  local ada = t:join("Ada")
  t:seed(7)
  start(t, ada)
  for _ = 1, 40 do
    if t:match().phase == "over" then
      break
    end
    take_one(t, ada)
  end
  t:expect_equal(t:match().phase, "over", "the match")
  t:expect_claims("daily", { [ada] = 3 })
  t:expect_equal(#t:entities("coin"), 0, "coins after the round")
end)

mall.test("a single player who only stands there wins nothing", function(t)
  local ada = t:join("Ada")
  start(t, ada)
  t:advance(60)
  t:expect_equal(t:match().phase, "over", "the match")
  t:expect_claims("daily", {})
end)

mall.test("among several the best with enough coins are paid by place", function(t)
  local ada, bob, eve = t:join("Ada"), t:join("Bob"), t:join("Eve")
  t:seed(3)
  t:interact(ada, "start")
  t:interact(bob, "start")
  t:interact(eve, "start")
  t:advance(4)
  for _ = 1, 12 do
    take_one(t, ada)
  end
  t:move(ada, { 7.5, 0, 0.5 })
  for _ = 1, 6 do
    take_one(t, bob)
  end
  t:move(bob, { 7.5, 0, 0.5 })
  t:expect(t:score(ada) > t:score(bob), "Ada to lead")
  t:advance(60)
  t:expect_claims("daily", { [ada] = 3, [bob] = 2 })
end)

mall.test("quick coins make a streak that pays more", function(t)
  local ada = t:join("Ada")
  t:settings { target_coins = 60 }
  start(t, ada)
  for _ = 1, 12 do
    take_one(t, ada)
  end
  t:expect(t:score(ada) > 12, "more than a point for each coin")
  local told = false
  for _, text in ipairs(t:toasts(ada)) do
    told = told or text:find("Streak", 1, true) ~= nil
  end
  t:expect(told, "a message about the streak")
end)

mall.test("one who walks away mid-round ends their round without a prize", function(t)
  local ada = t:join("Ada")
  start(t, ada)
  take_one(t, ada)
  t:leave(ada)
  t:expect_equal(t:match().phase, "over", "the match")
  t:expect_claims("daily", {})
end)

mall.test("a late comer joins the running round", function(t)
  local ada, bob = t:join("Ada"), t:join("Bob")
  start(t, ada)
  t:interact(bob, "start")
  t:expect_equal(#t:match().players, 2, "players")
  take_one(t, bob)
  t:expect(t:score(bob) >= 1, "a point for Bob")
end)

mall.test("a full house stays far below the budget", function(t)
  local players = {}
  for i = 1, 8 do
    players[i] = t:join("P" .. i)
    t:interact(players[i], "start")
  end
  t:advance(4)
  for round = 1, 3 do
    for i = 1, 8 do
      take_one(t, players[i])
    end
  end
  t:advance(60)
  t:expect_budget { per_event = 100000, memory_kib = 1024, entities = 64 }
end)
