// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {LiveToken} from "../../src/LiveToken.sol";
import {Market} from "../../src/Market.sol";

/// @title A collection that does what it likes: any royalty, and a call back into the market while it moves a title
contract HostileCollection {
    address public owner;
    address public royaltyReceiver;
    uint256 public royaltyBps;
    uint256 public answerWords = 2;
    address private _calledBack;
    bytes private _callBack;
    bool public callBackWorked;

    constructor(address owner_) {
        owner = owner_;
    }

    function demand(address receiver, uint256 bps, uint256 words) external {
        royaltyReceiver = receiver;
        royaltyBps = bps;
        answerWords = words;
    }

    function callBackWith(address target, bytes calldata data) external {
        _calledBack = target;
        _callBack = data;
    }

    function royaltyInfo(uint256, uint256 price) external view returns (address, uint256) {
        uint256 words = answerWords;
        address receiver = royaltyReceiver;
        uint256 amount = royaltyBps == type(uint256).max ? royaltyBps : (price * royaltyBps) / 10_000;
        assembly {
            mstore(0, receiver)
            mstore(32, amount)
            return(0, mul(words, 32))
        }
    }

    function ownerOf(uint256) external view returns (address) {
        return owner;
    }

    function transferFrom(address, address to, uint256) external {
        owner = to;
        _call();
    }

    function transferQuad(address, address to, uint256, uint256, bool) external {
        owner = to;
        _call();
    }

    function setUser(uint256, address, uint64) external {
        _call();
    }

    function _call() private {
        if (_calledBack == address(0)) return;
        (callBackWorked,) = _calledBack.call(_callBack);
    }

    /// @dev So that it can trade by itself.
    function spend(LiveToken live, address spender) external {
        live.approve(spender, type(uint256).max);
    }
}

/// @title A contract wallet of one key (EIP-1271)
contract Wallet is IERC1271 {
    address private immutable _signer;

    constructor(address signer) {
        _signer = signer;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (address signer,,) = ECDSA.tryRecover(digest, signature);
        return signer == _signer ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    function run(address target, bytes calldata data) external returns (bytes memory) {
        (bool worked, bytes memory answer) = target.call(data);
        require(worked, "the call of the wallet failed");
        return answer;
    }
}
