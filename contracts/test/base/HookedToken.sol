// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @dev Collateral whose borrower is told of every transfer of it, as some tokens do.
contract HookedToken is ERC20("Hooked", "HOOK") {
    address private immutable OWNER = msg.sender;
    address public listener;

    function setListener(address listener_) external {
        listener = listener_;
    }

    function mint(address account, uint256 amount) external {
        require(msg.sender == OWNER, "owner only");
        _mint(account, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (listener != address(0)) HookedBorrower(listener).onTransfer(from, to, amount);
    }
}

/// @dev A borrower that answers the transfer of its collateral with one prepared call.
contract HookedBorrower {
    address private _target;
    bytes private _call;
    bool public succeeded;
    bytes public answer;

    function prepare(address target, bytes calldata call_) external {
        (_target, _call, succeeded) = (target, call_, false);
    }

    function act(address target, bytes calldata call_) external {
        (bool ok, bytes memory returned) = target.call(call_);
        require(ok, string(returned));
    }

    function onTransfer(address, address, uint256) external {
        if (_target == address(0)) return;
        address target = _target;
        _target = address(0);
        (succeeded, answer) = target.call(_call);
    }
}
