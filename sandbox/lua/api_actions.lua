-- Actions: what a player may do beside walking and using things. The client shows them as buttons with keys.
local K = ...
local emit = K.emit

local ACTIONS_MAX = 6
local ACTION = { name = true, label = true }

-- A checked copy of { { name =, label = }, ... }.
function K.check_actions(list, what)
  local copy, known = {}, {}
  local count = K.whole(K.length(K.options(list, what)), 0, ACTIONS_MAX, what .. ": the number of actions")
  for i = 1, count do
    local action = K.options(list[i], what .. ": an action")
    K.only(action, ACTION, what .. ": an action")
    local name = K.name(action.name, what .. ": name")
    if known[name] then
      K.bad(what .. ": there are two actions '" .. name .. "'")
    end
    known[name] = true
    copy[i] = { name, K.text(action.label or name, 40, what .. ": label") }
  end
  return copy
end

-- Shows checked actions to one player, in its language; an empty list takes them away.
function K.send_actions(player, list, what)
  local id, locale, told = K.player_id(player, what), K.player_locale(player, what), {}
  K.use "api_texts"
  for i = 1, #list do
    told[i] = { list[i][1], K.text(K.translate(locale, list[i][2]), 120, what .. ": label") }
  end
  emit("actions", id, told)
end

function K.ui_module.actions(group, list)
  K.need("ui", "mall.ui.actions")
  list = K.check_actions(list, "mall.ui.actions")
  K.each_player(group, "mall.ui.actions", function(player)
    K.send_actions(player, list, "mall.ui.actions")
  end)
end
