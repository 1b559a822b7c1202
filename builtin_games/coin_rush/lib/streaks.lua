-- Streaks: coins taken quickly one after another pay more each.
local streaks = {}
streaks.__index = streaks

local WINDOW = 3 -- seconds in which the next coin must be taken
local STEP = 3 -- coins of a streak for each point more
local BONUS_MAX = 3

function streaks.new()
  return setmetatable({ last = {}, count = {} }, streaks)
end

-- Books a coin at `now` and returns how many were taken in a row.
function streaks:hit(id, now)
  local last = self.last[id]
  local count = last and now - last <= WINDOW and self.count[id] + 1 or 1
  self.last[id], self.count[id] = now, count
  return count
end

-- Points that each coin of such a streak pays more.
function streaks.bonus(count)
  return math.min(count // STEP, BONUS_MAX)
end

function streaks.is_milestone(count)
  return count % STEP == 0 and count <= STEP * BONUS_MAX
end

return streaks
