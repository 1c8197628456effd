// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILiquidationAdapter} from "../../src/interfaces/ILiquidationAdapter.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title A mock lending protocol and its adapter in one, doing exactly what a test tells it.
/// @dev Holds the collateral it hands out; spent debt goes to `LENDER`.
contract MockLendingAdapter is ILiquidationAdapter {
    using SafeERC20 for IERC20;

    enum Mode {
        Normal,
        Reverting,
        BurningGas,
        ReturnBombing,
        Panicking
    }

    struct Position {
        address collateral;
        address debt;
        uint256 repay;
        uint256 seizable;
        uint256 health;
    }

    address public constant LENDER = address(0x1e4de5);

    mapping(bytes32 positionHash => Position) private _positions;
    mapping(bytes32 positionHash => uint256) public returned;

    Mode public mode;
    /// @notice Part of the repay that the protocol takes.
    uint256 public takenBps = 10_000;
    /// @notice Part of the due collateral that it hands out.
    uint256 public handedBps = 10_000;
    /// @notice Added to the repaid amount it reports.
    int256 public misreport;
    /// @notice Added to what it refunds.
    uint256 public extraRefund;
    /// @notice Whether it seizes only what is wanted.
    bool public exact;
    /// @notice What `liquidate` was last asked to seize.
    uint256 public lastWanted;
    bytes public callback;
    address public callbackTarget;
    bool public callbackOk;
    bytes public callbackReturned;

    error ProtocolRefused(uint256 code);

    function setPosition(bytes calldata position, Position calldata what) external {
        _positions[keccak256(position)] = what;
    }

    function setMode(Mode mode_) external {
        mode = mode_;
    }

    function setTaken(uint256 bps) external {
        takenBps = bps;
    }

    function setHanded(uint256 bps) external {
        handedBps = bps;
    }

    function setMisreport(int256 by) external {
        misreport = by;
    }

    function setExtraRefund(uint256 amount) external {
        extraRefund = amount;
    }

    function setExact(bool exact_) external {
        exact = exact_;
    }

    /// @notice Makes `liquidate` call back, as a hostile protocol would.
    function setCallback(address target, bytes calldata data) external {
        callbackTarget = target;
        callback = data;
    }

    /// @inheritdoc ILiquidationAdapter
    function assess(bytes calldata position)
        public
        view
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        Position storage at = _positions[keccak256(position)];
        return (at.collateral, at.debt, at.repay, at.seizable, at.health);
    }

    /// @inheritdoc ILiquidationAdapter
    function prepare(bytes calldata position)
        external
        view
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        return assess(position);
    }

    /// @inheritdoc ILiquidationAdapter
    function liquidate(bytes calldata position, uint256 repay, uint256 wanted, address recipient)
        external
        returns (uint256 repaid)
    {
        lastWanted = wanted;
        _misbehave();
        Position storage at = _positions[keccak256(position)];
        repaid = repay * takenBps / 10_000;
        uint256 seized = at.seizable * repaid / at.repay;
        if (exact && wanted < seized) seized = wanted;
        seized = seized * handedBps / 10_000;
        IERC20(at.debt).safeTransfer(LENDER, repaid);
        if (repay - repaid + extraRefund != 0) IERC20(at.debt).safeTransfer(msg.sender, repay - repaid + extraRefund);
        IERC20(at.collateral).safeTransfer(recipient, seized);
        at.seizable -= at.seizable * repaid / at.repay;
        at.repay -= repaid;
        if (at.repay == 0) at.health = 1.1e18;
        repaid = uint256(int256(repaid) + misreport);
    }

    /// @inheritdoc ILiquidationAdapter
    function returnSurplus(bytes calldata position, uint256 amount) external {
        _misbehave();
        returned[keccak256(position)] += amount;
    }

    function _misbehave() private {
        if (callbackTarget != address(0)) (callbackOk, callbackReturned) = callbackTarget.call(callback);
        if (mode == Mode.Reverting) revert ProtocolRefused(7);
        if (mode == Mode.BurningGas) {
            while (true) {}
        }
        if (mode == Mode.ReturnBombing) {
            assembly {
                revert(0x10000, 200000)
            }
        }
        if (mode == Mode.Panicking) assert(false);
    }
}
