// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBridge} from "../../src/interfaces/IBridge.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice A mock bridge: takes tokens for a fee, refuses when told, and may call back.
contract MockBridge is IBridge {
    uint256 public fee = 0.01 ether;
    bool public refusing;
    uint256 public transfers;
    bytes32 public lastCall;
    address private _target;
    bytes private _data;

    error Refused();
    error WrongFee();
    error NotPaid();

    function setFee(uint256 fee_) external {
        fee = fee_;
    }

    function setRefusing(bool refusing_) external {
        refusing = refusing_;
    }

    function callBack(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    function quote(address, uint256, uint32, address) external view returns (uint256) {
        return fee;
    }

    function transfer(address token, uint256 amount, uint32 domain, address recipient)
        external
        payable
        returns (bytes32)
    {
        if (refusing) revert Refused();
        if (msg.value != fee) revert WrongFee();
        if (IERC20(token).balanceOf(address(this)) < amount) revert NotPaid();
        lastCall = keccak256(abi.encode(token, amount, domain, recipient));
        if (_target != address(0)) {
            (bool ok, bytes memory reason) = _target.call(_data);
            if (!ok) {
                assembly ("memory-safe") {
                    revert(add(reason, 32), mload(reason))
                }
            }
        }
        return bytes32(++transfers);
    }
}
