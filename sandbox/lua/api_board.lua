-- Boards: scores go to the host; the rows that it tells are mirrored here.
local K = ...
local mall, emit, bad = K.mall, K.emit, K.bad

local ROWS_MAX = 100
local PERIODS = { day = true, week = true, all = true }

local boards = {} -- name -> period -> rows { player, name, score }, best first

local module = {}

function K.board_submit(name, player, score)
  K.need("board", "mall.board.submit")
  emit("board_submit", K.name(name, "mall.board.submit: name"), K.player_id(player, "mall.board.submit"),
    K.whole(score, -(1 << 40), 1 << 40, "mall.board.submit: score"))
end
module.submit = K.board_submit

local function rows_of(name, period)
  period = period or "all"
  if not PERIODS[period] then
    bad("a board's period is 'day', 'week' or 'all', got " .. K.shown(period))
  end
  local periods = boards[name]
  return periods and periods[period] or {}
end

local function row_copy(rows, i)
  local row = rows[i]
  return { place = i, player = row[1], name = row[2], score = row[3] }
end

function module.top(name, n, period)
  K.need("board", "mall.board.top")
  n = K.whole(n or 10, 1, ROWS_MAX, "mall.board.top: n")
  local rows, list = rows_of(K.name(name, "mall.board.top: name"), period), {}
  for i = 1, n < #rows and n or #rows do
    list[i] = row_copy(rows, i)
  end
  return list
end

-- The player's row with two before and two after it.
function module.around(name, player, period)
  K.need("board", "mall.board.around")
  local id = K.player_id(player, "mall.board.around")
  local rows, list = rows_of(K.name(name, "mall.board.around: name"), period), {}
  for i = 1, #rows do
    if rows[i][1] == id then
      for j = i > 2 and i - 2 or 1, i + 2 <= #rows and i + 2 or #rows do
        list[#list + 1] = row_copy(rows, j)
      end
    end
  end
  return list
end

function module.reset(name)
  K.need("board", "mall.board.reset")
  emit("board_reset", K.name(name, "mall.board.reset: name"))
end

function K.board_changed(name, period, rows)
  boards[name] = boards[name] or {}
  boards[name][period] = rows
end

mall.board = module
